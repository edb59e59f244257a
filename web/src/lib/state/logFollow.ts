import { slim, type SlimEntry } from '$lib/api/entries';
import { Follow, type FollowEnvironment } from '$lib/api/follow';
import type { FollowMessage } from '$lib/api/types';
import type { LogFeed } from './logFeed';

/** What comes to a log after all that its feed holds; loaded once the first rows are there. */
const FAR_BEHIND = 10_000; // entries; further behind, the newest page is fetched instead
const TELL_MS = 12_000; // how long it is told what came while the connection was lost
const SERIOUS = new Set(['error', 'critical']);

export class LogFollow {
  readonly #feed: LogFeed;
  readonly #follow: Follow;
  #generation: number | string | undefined;
  #head = 0; // the last seq that the server spoke of
  #telling: ReturnType<typeof setTimeout> | undefined;

  constructor(feed: LogFeed, environment: FollowEnvironment) {
    this.#feed = feed;
    const { listener } = feed;
    const url = (seq: number): string => feed.logs.followUrl(feed.filters, seq);
    this.#follow = new Follow(url, environment, {
      onMessage: (message) => this.#take(message),
      onConnected: () => {
        listener.problem(null);
        listener.tail({ type: 'connected' });
      },
      onDisconnected: (retryInMs) => listener.tail({ type: 'disconnected', retryInMs }),
      onUnknownTask: () => listener.missing(),
    });
  }

  start(): void {
    this.#follow.start(this.#feed.window.lastSeq);
  }

  stop(): void {
    clearTimeout(this.#telling);
    this.#follow.stop();
  }

  hurry(): void {
    this.#follow.hurry();
  }

  /** Another filter is shown: the next greeting is the first one. */
  forget(): void {
    this.#generation = undefined;
  }

  #take(message: FollowMessage): void {
    const { listener } = this.#feed;
    switch (message.type) {
      case 'hello':
        this.#greeted(message.head, message.generation);
        break;
      case 'batch':
        this.#arrived(message.logs.map(slim));
        break;
      case 'head':
        this.#head = message.head ?? this.#head;
        if (message.counts) listener.counted(message.counts);
        break;
      case 'end':
        listener.tail({ type: 'ended', status: message.status });
        break;
      case 'error':
        listener.problem(message.detail ?? message.message ?? 'The server reports an error.');
        break;
      default: // a gap is also recorded, as an entry of its own
    }
  }

  #arrived(entries: readonly SlimEntry[]): void {
    const { window, listener, isFiltered } = this.#feed;
    const fresh = window.append(entries);
    if (fresh.length === 0) return;
    const errors = fresh.filter((entry) => SERIOUS.has(entry.level)).length;
    const warnings = fresh.filter((entry) => entry.level === 'warning').length;
    const behind = isFiltered ? 0 : Math.max(0, this.#head - window.lastSeq);
    listener.tail({ type: 'arrived', count: fresh.length, errors, warnings, behind });
    listener.changed();
  }

  #greeted(head: number | undefined, generation: number | string | undefined): void {
    const { window, listener, isFiltered, filters } = this.#feed;
    const isAgain = this.#generation !== undefined;
    const isOther = isAgain && this.#generation !== generation;
    this.#generation = generation;
    if (head === undefined) return;
    this.#head = head;
    const missed = head - window.lastSeq;
    if (isAgain && !isFiltered && missed > 0) {
      listener.tail({ type: 'missed', count: missed });
      clearTimeout(this.#telling);
      this.#telling = setTimeout(() => listener.tail({ type: 'missedTold' }), TELL_MS);
    }
    if (isOther && head < window.lastSeq)
      void this.#feed.open(filters); // another trail
    else if (!isFiltered && head - window.lastSeq > FAR_BEHIND) void this.#skipAhead();
  }

  /** Takes the newest page instead of waiting for all that came meanwhile; the rest loads on demand. */
  async #skipAhead(): Promise<void> {
    const { window, listener, logs, filters, signal } = this.#feed;
    const before = window.count;
    try {
      const page = await logs.newest(window.pageSize, filters, signal);
      window.setTail(page.logs.map(slim), page.total_count);
      this.start();
      listener.tail({ type: 'arrived', count: window.count - before });
      listener.changed();
    } catch {
      // The live connection brings everything in its own time.
    }
  }
}
