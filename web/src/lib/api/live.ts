import type { ApiClient, Parameters } from './client';
import { Connection, type FollowEnvironment, type FollowHandlers } from './connection';
import { search } from './search';
import type { Entry, FollowMessage } from './types';

export interface LiveHandlers extends FollowHandlers {
  /**
   * The server has said for the first time where live entries go on, whatever the line does.
   *
   * What is older may be read from here on: read earlier, it would end before live begins.
   */
  onStanding(): void;
}

/** The entries of all tasks that match a typed query: those of lately, and then as they come. */
export class LiveEntries {
  #api: ApiClient;
  #connection: Connection;
  #handlers: LiveHandlers;
  #query: string;
  /** Where the next connection goes on; the server said it. */
  #cursor: string | null = null;

  constructor(
    api: ApiClient,
    query: string,
    environment: FollowEnvironment,
    handlers: LiveHandlers,
  ) {
    this.#api = api;
    this.#query = query;
    this.#handlers = handlers;
    this.#connection = new Connection(() => this.#url(), environment, {
      onMessage: (message) => this.#take(message),
      onConnected: () => handlers.onConnected(),
      onDisconnected: (retryInMs) => handlers.onDisconnected(retryInMs),
      onUnknownTask: () => handlers.onUnknownTask(),
    });
  }

  start(): void {
    this.#connection.start();
  }

  stop(): void {
    this.#connection.stop();
  }

  hurry(): void {
    this.#connection.hurry();
  }

  /** What matched in the last minutes, oldest first. */
  async lately(minutes: number, most: number, signal: AbortSignal): Promise<readonly Entry[]> {
    const query = `${this.#query} since:-${minutes}m`.trim();
    const found: Entry[] = [];
    for await (const message of search(this.#api, query, signal, { limit: most, seconds: 1 })) {
      if (message.type === 'hit') found.push(message.entry);
      if (found.length >= most) break; // nobody counts the rest
    }
    return found.sort((a, b) => (a.recorded_at < b.recorded_at ? -1 : 1));
  }

  #url(): string {
    const where: Parameters = { q: this.#query, cursor: this.#cursor, max_rate: MOST_PER_SECOND };
    return this.#api.socketUrl('/ws/logs', where);
  }

  #take(message: FollowMessage): void {
    const { cursor } = message as { readonly cursor?: unknown };
    const isFirst = this.#cursor === null;
    if (typeof cursor === 'string') this.#cursor = cursor;
    this.#handlers.onMessage(message);
    if (isFirst && this.#cursor !== null) this.#handlers.onStanding();
  }
}

/** More than a person can see go by; what is left out is told. */
const MOST_PER_SECOND = 500;
