import { slim, type SlimEntry } from '$lib/api/entries';
import { Follow, type FollowEnvironment } from '$lib/api/follow';
import type { FollowMessage, HeadCounts } from '$lib/api/types';
import type { LogFeed } from './logFeed';

/** What comes to a log after all that its feed holds; loaded once the first rows are there. */
/** Of more at once the newest come, the rest where somebody looks; a filter's nobody could place. */
const MOST_BEHIND = 3_000;
const TELL_MS = 12_000; // how long it is told what came while the connection was lost
const SERIOUS = new Set(['error', 'critical']);

export class LogFollow {
  readonly #feed: LogFeed;
  readonly #follow: Follow;
  #generation: number | string | undefined;
  #head = 0; // the last seq that the server spoke of
  #hasPassed = false; // since the server counted last
  #serious: [number, number] | null = null; // errors and warnings, counted and come since
  #telling: ReturnType<typeof setTimeout> | undefined;

  constructor(feed: LogFeed, environment: FollowEnvironment) {
    this.#feed = feed;
    const { listener } = feed;
    const { api, taskId } = feed.logs;
    const path = `/ws/logs/${encodeURIComponent(taskId)}`;
    const url = (seq: number): string => {
      const bound = feed.isFiltered ? {} : { max_behind: MOST_BEHIND };
      return api.socketUrl(path, { ...feed.filters, ...bound, after_seq: seq });
    };
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
    this.#serious = null;
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
        this.#counted(message.head, message.counts);
        break;
      case 'lag':
        this.#passed(message.to);
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
    if (this.#serious) {
      this.#serious[0] += errors;
      this.#serious[1] += warnings;
    }
    const behind = isFiltered ? 0 : Math.max(0, this.#head - window.lastSeq);
    listener.tail({ type: 'arrived', count: fresh.length, errors, warnings, behind });
    listener.changed();
  }

  /** More came at once than could be drawn: the rest is fetched where somebody looks. */
  #passed(seq: number): void {
    const { window, listener } = this.#feed;
    const count = window.passOver(seq);
    if (count === 0) return;
    this.#hasPassed = true;
    listener.tail({ type: 'arrived', count });
    listener.changed();
  }

  /** What the server counts; what of it was serious among the entries that were passed over. */
  #counted(head: number | undefined, counts: HeadCounts | undefined): void {
    const { listener } = this.#feed;
    this.#head = head ?? this.#head;
    if (!counts) return;
    const { critical = 0, error = 0, warning = 0 } = counts.by_level ?? {};
    const [errors, warnings] = [critical + error, warning];
    if (this.#hasPassed && this.#serious) {
      const [knownErrors, knownWarnings] = this.#serious;
      const event = { errors: errors - knownErrors, warnings: warnings - knownWarnings };
      listener.tail({ type: 'arrived', count: 0, ...event });
    }
    this.#hasPassed = false;
    this.#serious = [errors, warnings];
    listener.counted(counts);
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
    if (isOther && head < window.lastSeq) void this.#feed.open(filters); // another trail
  }
}
