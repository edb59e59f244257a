import type { ApiClient, Parameters } from './client';
import { Connection, type FollowEnvironment, type FollowHandlers } from './connection';
import { TaskLogs } from './logs';
import { search, type OfTask } from './search';
import type { Entry, FollowMessage } from './types';

export interface LiveHandlers extends FollowHandlers {
  /**
   * The server has said for the first time where live entries go on, whatever the line does.
   *
   * What is older may be read from here on: read earlier, it would end before live begins.
   */
  onStanding(): void;
}

/** What was recorded before a feed begins, oldest first, and how much more there was. */
export interface Lately {
  readonly entries: readonly Entry[];
  readonly left: number;
  /** There may be more than is counted. */
  readonly isMore: boolean;
}

const AT_ONCE = 4; // tasks
const PREVIEW = 4_000; // bytes of a message

/** In the order recorded; entries of one request have one moment, and their tasks' order. */
function byRecording(a: Entry, b: Entry): number {
  if (a.recorded_at !== b.recorded_at) return a.recorded_at < b.recorded_at ? -1 : 1;
  const [one, other] = [a.task_id ?? '', b.task_id ?? ''];
  return one === other ? a.seq - b.seq : one < other ? -1 : 1;
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

  /** The newest that matched in the last minutes, over all tasks, in the order recorded. */
  async lately(minutes: number, most: number, signal: AbortSignal): Promise<Lately> {
    const query = `${this.#query} since:-${minutes}m`.trim();
    const asked = { limit: most, seconds: 1, by: 'task' };
    const tasks: OfTask[] = [];
    for await (const message of search(this.#api, query, signal, asked)) {
      if (message.type === 'task') tasks.push(message);
    }
    const entries = await this.#newestOf(tasks, query, most, signal);
    const all = tasks.reduce((sum, { hits }) => sum + hits, 0);
    const isMore = tasks.length >= most || tasks.some((task) => task.is_partial);
    return { entries, left: Math.max(0, all - entries.length), isMore };
  }

  /** Tasks are asked, the newest first, until no other can have any of the newest entries. */
  async #newestOf(
    tasks: readonly OfTask[],
    query: string,
    most: number,
    signal: AbortSignal,
  ): Promise<readonly Entry[]> {
    const waiting = tasks.toSorted((a, b) => byRecording(b.latest, a.latest));
    let found: readonly Entry[] = [];
    while (waiting.length > 0) {
      const group = waiting.splice(0, AT_ONCE);
      const logs = group.map((task) => this.#entriesOf(task, query, most, signal));
      found = [...found, ...(await Promise.all(logs)).flat()].toSorted(byRecording).slice(-most);
      const [oldest, next] = [found[0], waiting[0]?.latest];
      if (found.length >= most && oldest && next && byRecording(next, oldest) < 0) break;
    }
    return found;
  }

  async #entriesOf(
    { task_id: id, hits, latest }: OfTask,
    query: string,
    most: number,
    signal: AbortSignal,
  ): Promise<readonly Entry[]> {
    if (!id || hits === 1) return [latest]; // what a session said beside its tasks is on its page
    const place = { order: 'desc', limit: most, preview: PREVIEW };
    return (await new TaskLogs(this.#api, id).matching(query, place, signal)).logs;
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
