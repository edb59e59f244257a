import { wordsOf, Problem, type Mistake } from '$lib/api/client';
import { slim, type SlimEntry } from '$lib/api/entries';
import type { Follow, FollowEnvironment } from '$lib/api/follow';
import type { TaskLogs } from '$lib/api/logs';
import type { FollowMessage, HeadCounts, LogFilters } from '$lib/api/types';
import { SeqWindow } from '$lib/window/seqWindow';
import type { TailEvent } from '$lib/window/tailMachine';
import { PageLoader } from './pageLoader';

/**
 * A task's entries under a filter: the newest first, any page on demand, then live.
 *
 * The window is emptied only when the new filter's first answer is there, so that a change of
 * filter, a lost server or an unknown task never blanks what is shown.
 */
export interface FeedListener {
  /** The window was filled anew. */
  opened(): void;
  /** Live entries came. */
  changed(): void;
  /** Pages came that were asked for. */
  filled(): void;
  tail(event: TailEvent): void;
  counted(counts: HeadCounts): void;
  problem(words: string | null): void;
  /** The server does not understand the filter; what is shown answers the one before. */
  refused(refusal: Refusal): void;
  missing(): void;
}

/** Why a filter was refused, and which characters of the typed query are meant. */
export interface Refusal {
  readonly words: string;
  readonly mistake: Mistake | null;
}

const FAR_BEHIND = 10_000; // entries; further behind, the newest page is fetched instead
const RETRY_MS = 2_000;
const TELL_MS = 12_000; // how long it is told what came while the connection was lost
const REFUSED = 400;
const SERIOUS = new Set(['error', 'critical']);

export class LogFeed {
  readonly window = new SeqWindow<SlimEntry>();
  /** Whether the server answered once. */
  isOpen = false;
  readonly #logs: TaskLogs;
  readonly #listener: FeedListener;
  readonly #loader: PageLoader<SlimEntry>;
  readonly #environment: FollowEnvironment;
  #follow: Follow | null = null; // loaded once there is something to follow
  #filters: LogFilters = {};
  #abort = new AbortController();
  #generation: number | string | undefined;
  #head = 0; // the last seq that the server spoke of
  #retry: ReturnType<typeof setTimeout> | undefined;
  #telling: ReturnType<typeof setTimeout> | undefined;

  constructor(logs: TaskLogs, listener: FeedListener, environment: FollowEnvironment) {
    this.#logs = logs;
    this.#listener = listener;
    this.#environment = environment;
    this.#loader = new PageLoader(
      this.window,
      async (request, signal) => {
        const place = { ...request, limit: this.window.pageSize };
        const page = await logs.list(place, this.#filters, signal);
        return page.logs.map(slim);
      },
      {
        loaded: () => listener.filled(),
        problem: (error) => listener.problem(wordsOf(error)),
      },
    );
  }

  get isFiltered(): boolean {
    return Object.keys(this.#filters).length > 0;
  }

  /** Shows the entries of a filter from now on; retries by itself until closed. */
  async open(filters: LogFilters): Promise<void> {
    this.close();
    const abort = (this.#abort = new AbortController());
    try {
      const page = await this.#logs.newest(this.window.pageSize, filters, abort.signal);
      abort.signal.throwIfAborted();
      this.#filters = filters;
      this.window.reset(!this.isFiltered);
      this.window.setTail(page.logs.map(slim), page.total_count);
      this.#generation = undefined;
      this.isOpen = true;
      this.#listener.problem(null);
      this.#listener.opened();
      void this.#live();
    } catch (error) {
      if (abort.signal.aborted) return;
      const status = error instanceof Problem ? error.status : 0;
      if (status === 404) this.#listener.missing();
      else if (status !== REFUSED) this.#listener.problem(wordsOf(error));
      else {
        const { message: words, mistake } = error as Problem;
        this.#listener.refused({ words, mistake });
        return; // the same question would get the same answer
      }
      this.#retry = setTimeout(() => void this.open(filters), RETRY_MS);
    }
  }

  close(): void {
    clearTimeout(this.#retry);
    clearTimeout(this.#telling);
    this.#abort.abort();
    this.#loader.stop();
    this.#follow?.stop();
  }

  /** Connects at once, as when the network comes back. */
  hurry(): void {
    this.#follow?.hurry();
  }

  need(first: number, end: number): void {
    this.#loader.need(first, end);
  }

  /** Where `seq` stands among the entries that match, and whether it is one of them. */
  async place(seq: number): Promise<{ rank: number; isShown: boolean }> {
    const { signal } = this.#abort;
    if (!this.isFiltered && seq <= this.window.count) {
      await this.#loader.hold(seq - 1, signal); // its page is drawn anyway
      return { rank: seq - 1, isShown: this.window.at(seq - 1)?.seq === seq };
    }
    const [there, rank] = await Promise.all([
      this.#logs.list({ after_seq: seq - 1, limit: 1 }, this.#filters, signal),
      this.isFiltered ? this.#logs.rankOf(seq, this.#filters, signal) : seq - 1,
    ]);
    return { rank, isShown: there.logs[0]?.seq === seq };
  }

  /** Follows what comes after all that is held; what does so comes after the first rows. */
  async #live(): Promise<void> {
    const { signal } = this.#abort;
    try {
      const { Follow: Following } = await import('$lib/api/follow');
      if (signal.aborted) return;
      this.#follow ??= this.#followWith(Following);
      this.#follow.start(this.window.lastSeq);
    } catch {
      if (!signal.aborted) this.#retry = setTimeout(() => void this.#live(), RETRY_MS);
    }
  }

  #followWith(Following: typeof Follow): Follow {
    const url = (seq: number): string => this.#logs.followUrl(this.#filters, seq);
    return new Following(url, this.#environment, {
      onMessage: (message) => this.#take(message),
      onConnected: () => {
        this.#listener.problem(null);
        this.#listener.tail({ type: 'connected' });
      },
      onDisconnected: (retryInMs) => this.#listener.tail({ type: 'disconnected', retryInMs }),
      onUnknownTask: () => this.#listener.missing(),
    });
  }

  #take(message: FollowMessage): void {
    switch (message.type) {
      case 'hello':
        this.#greeted(message.head, message.generation);
        break;
      case 'batch':
        this.#arrived(message.logs.map(slim));
        break;
      case 'head':
        this.#head = message.head ?? this.#head;
        if (message.counts) this.#listener.counted(message.counts);
        break;
      case 'end':
        this.#listener.tail({ type: 'ended', status: message.status });
        break;
      case 'error':
        this.#listener.problem(message.detail ?? message.message ?? 'The server reports an error.');
        break;
      default: // a gap is also recorded, as an entry of its own
    }
  }

  #arrived(entries: readonly SlimEntry[]): void {
    const fresh = this.window.append(entries);
    if (fresh.length === 0) return;
    const errors = fresh.filter((entry) => SERIOUS.has(entry.level)).length;
    const warnings = fresh.filter((entry) => entry.level === 'warning').length;
    const behind = this.isFiltered ? 0 : Math.max(0, this.#head - this.window.lastSeq);
    this.#listener.tail({ type: 'arrived', count: fresh.length, errors, warnings, behind });
    this.#listener.changed();
  }

  #greeted(head: number | undefined, generation: number | string | undefined): void {
    const isAgain = this.#generation !== undefined;
    const isOther = isAgain && this.#generation !== generation;
    this.#generation = generation;
    if (head === undefined) return;
    this.#head = head;
    const missed = head - this.window.lastSeq;
    if (isAgain && !this.isFiltered && missed > 0) {
      this.#listener.tail({ type: 'missed', count: missed });
      clearTimeout(this.#telling);
      this.#telling = setTimeout(() => this.#listener.tail({ type: 'missedTold' }), TELL_MS);
    }
    if (isOther && head < this.window.lastSeq)
      void this.open(this.#filters); // another trail
    else if (!this.isFiltered && head - this.window.lastSeq > FAR_BEHIND) void this.#skipAhead();
  }

  /** Takes the newest page instead of waiting for all that came meanwhile; the rest loads on demand. */
  async #skipAhead(): Promise<void> {
    const before = this.window.count;
    try {
      const { pageSize } = this.window;
      const page = await this.#logs.newest(pageSize, this.#filters, this.#abort.signal);
      this.window.setTail(page.logs.map(slim), page.total_count);
      void this.#live();
      this.#listener.tail({ type: 'arrived', count: this.window.count - before });
      this.#listener.changed();
    } catch {
      // The live connection brings everything in its own time.
    }
  }
}
