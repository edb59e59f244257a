import { Connection, type FollowEnvironment, type FollowHandlers } from './connection';
import type { FollowMessage } from './types';

export { UNKNOWN_TASK, delayBefore } from './connection';
export type { FollowEnvironment, FollowHandlers, SocketLike } from './connection';

/** One task's entries as they are recorded: each is handed on once, whatever the connection does. */
export class Follow {
  #connection: Connection;
  #handlers: FollowHandlers;
  #lastSeq = 0;

  constructor(
    urlAfter: (seq: number) => string,
    environment: FollowEnvironment,
    handlers: FollowHandlers,
  ) {
    this.#handlers = handlers;
    const url = (): string => urlAfter(this.#lastSeq);
    const on = { onMessage: (message: FollowMessage) => this.#take(message) };
    this.#connection = new Connection(url, environment, {
      ...on,
      onConnected: () => handlers.onConnected(),
      onDisconnected: (retryInMs) => handlers.onDisconnected(retryInMs),
      onUnknownTask: () => handlers.onUnknownTask(),
    });
  }

  /** Connects; what has a seq up to `afterSeq` is not handed on. */
  start(afterSeq: number): void {
    this.#connection.stop();
    this.#lastSeq = afterSeq;
    this.#connection.start();
  }

  stop(): void {
    this.#connection.stop();
  }

  /** Connects at once instead of waiting on, as when the network comes back. */
  hurry(): void {
    this.#connection.hurry();
  }

  #take(message: FollowMessage): void {
    if (message.type === 'lag') this.#lastSeq = Math.max(this.#lastSeq, message.to);
    if (message.type !== 'batch') {
      this.#handlers.onMessage(message);
      return;
    }
    const logs = message.logs.filter((entry) => entry.seq > this.#lastSeq);
    if (logs.length === 0) return;
    this.#lastSeq = logs.at(-1)?.seq ?? this.#lastSeq;
    this.#handlers.onMessage({ ...message, logs });
  }
}
