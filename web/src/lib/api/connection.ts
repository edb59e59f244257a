import type { FollowMessage } from './types';

/**
 * A live connection that heals itself.
 *
 * After a loss it connects again, later each time and never at the same moment as its neighbours;
 * where it goes on is asked anew each time. A server that does not know the task is asked again
 * too, slowly: the task may be about to start.
 */
export interface SocketLike {
  onmessage: ((event: MessageEvent<unknown>) => void) | null;
  onclose: ((event: CloseEvent) => void) | null;
  close(): void;
}

export interface FollowEnvironment {
  open(url: string): SocketLike;
  /** Runs a function later; returns how to call that off. */
  later(run: () => void, delayMs: number): () => void;
  /** A number from 0 to 1. */
  random(): number;
}

export interface FollowHandlers {
  onMessage(message: FollowMessage): void;
  onConnected(): void;
  onDisconnected(retryInMs: number): void;
  onUnknownTask(): void;
}

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 15_000;
export const UNKNOWN_TASK = 4004;

/** The waiting time before attempt number `attempt` (0 is the first): doubled, then spread. */
export function delayBefore(attempt: number, random: number): number {
  const full = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(attempt, 10));
  return Math.round(full * (0.5 + random / 2));
}

export class Connection {
  #url: () => string;
  #environment: FollowEnvironment;
  #handlers: FollowHandlers;
  #socket: SocketLike | null = null;
  #attempt = 0;
  #callOff: (() => void) | null = null;

  constructor(url: () => string, environment: FollowEnvironment, handlers: FollowHandlers) {
    this.#url = url;
    this.#environment = environment;
    this.#handlers = handlers;
  }

  start(): void {
    this.stop();
    this.#connect();
  }

  stop(): void {
    this.#callOff?.();
    this.#callOff = null;
    const socket = this.#socket;
    this.#socket = null;
    if (!socket) return;
    socket.onmessage = socket.onclose = null;
    socket.close();
  }

  /** Connects at once instead of waiting on, as when the network comes back. */
  hurry(): void {
    if (!this.#callOff) return;
    this.#callOff();
    this.#callOff = null;
    this.#connect();
  }

  #connect(): void {
    const socket = this.#environment.open(this.#url());
    this.#socket = socket;
    socket.onmessage = (event) => this.#take(event.data);
    socket.onclose = (event) => this.#lost(event.code);
  }

  #take(data: unknown): void {
    const message = parsed(data);
    if (!message) return;
    if (message.type === 'hello') {
      // Not on open: a server accepts the handshake before it refuses an unknown task.
      this.#attempt = 0;
      this.#handlers.onConnected();
    }
    this.#handlers.onMessage(message);
  }

  #lost(code: number): void {
    this.#socket = null;
    const delay = delayBefore(this.#attempt, this.#environment.random());
    this.#attempt += 1;
    if (code === UNKNOWN_TASK) this.#handlers.onUnknownTask();
    else this.#handlers.onDisconnected(delay);
    this.#callOff = this.#environment.later(() => {
      this.#callOff = null;
      this.#connect();
    }, delay);
  }
}

/** The message, or null for what is no JSON object with a type. */
function parsed(data: unknown): FollowMessage | null {
  if (typeof data !== 'string') return null;
  try {
    const value: unknown = JSON.parse(data);
    return typeof value === 'object' && value !== null && 'type' in value
      ? (value as FollowMessage)
      : null;
  } catch {
    return null;
  }
}
