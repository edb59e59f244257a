import { wordsOf, Problem, type Mistake } from '$lib/api/client';
import { slim, type SlimEntry } from '$lib/api/entries';
import type { FollowEnvironment } from '$lib/api/follow';
import type { TaskLogs } from '$lib/api/logs';
import type { HeadCounts, LogFilters } from '$lib/api/types';
import { SeqWindow } from '$lib/window/seqWindow';
import type { TailEvent } from '$lib/window/tailMachine';
import type { LogFollow } from './logFollow';
import { PageLoader } from './pageLoader';

/**
 * A task's entries under a filter: the newest first, any page on demand, then live.
 *
 * The window is emptied only when the new filter's first answer is there, so that a change of
 * filter, a lost server or an unknown task never blanks what is shown.
 */
export interface FeedListener {
  /** The window was filled anew, and is to be shown at the place, if there was to be one. */
  opened(place: Place | null): void;
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

/** An entry, and how many of those that match stand before it. */
export interface Place {
  readonly seq: number;
  readonly rank: number;
}

/** Why a filter was refused, and which characters of the typed query are meant. */
export interface Refusal {
  readonly words: string;
  readonly mistake: Mistake | null;
}

const RETRY_MS = 2_000;
const REFUSED = 400;

export class LogFeed {
  readonly window = new SeqWindow<SlimEntry>();
  /** Whether the server answered once. */
  isOpen = false;
  filters: LogFilters = {};
  readonly logs: TaskLogs;
  readonly listener: FeedListener;
  readonly #loader: PageLoader<SlimEntry>;
  readonly #environment: FollowEnvironment;
  #follow: LogFollow | null = null; // loaded once there is something to follow
  #abort = new AbortController();
  #retry: ReturnType<typeof setTimeout> | undefined;

  constructor(logs: TaskLogs, listener: FeedListener, environment: FollowEnvironment) {
    this.logs = logs;
    this.listener = listener;
    this.#environment = environment;
    this.#loader = new PageLoader(
      this.window,
      async (request, limit, signal) => {
        const page = await logs.list({ ...request, limit }, this.filters, signal);
        return page.logs.map(slim);
      },
      {
        loaded: () => listener.filled(),
        problem: (error) => listener.problem(wordsOf(error)),
      },
    );
  }

  /** Given up as soon as another filter is opened, or none. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  get isFiltered(): boolean {
    return isAny(this.filters);
  }

  /**
   * Shows the entries of a filter from now on; retries by itself until closed. `seq` is the entry
   * from which on somebody reads.
   */
  async open(filters: LogFilters, seq: number | null = null): Promise<void> {
    this.close();
    const abort = (this.#abort = new AbortController());
    try {
      const [page, rank] = await Promise.all([
        this.logs.newest(this.window.pageSize, filters, abort.signal),
        seq === null ? 0 : this.#rankOf(seq, filters, abort.signal),
      ]);
      abort.signal.throwIfAborted();
      this.filters = filters;
      this.window.reset(!this.isFiltered);
      this.window.setTail(page.logs.map(slim), page.total_count);
      this.#follow?.forget();
      this.isOpen = true;
      this.listener.problem(null);
      this.listener.opened(seq === null ? null : { seq, rank });
      void this.#live();
    } catch (error) {
      if (abort.signal.aborted) return;
      const status = error instanceof Problem ? error.status : 0;
      if (status === 404) this.listener.missing();
      else if (status !== REFUSED) this.listener.problem(wordsOf(error));
      else {
        const { message: words, mistake } = error as Problem;
        this.listener.refused({ words, mistake });
        return; // the same question would get the same answer
      }
      this.#retry = setTimeout(() => void this.open(filters, seq), RETRY_MS);
    }
  }

  close(): void {
    clearTimeout(this.#retry);
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
      this.logs.list({ after_seq: Math.max(0, seq - 1), limit: 1 }, this.filters, signal),
      this.#rankOf(seq, this.filters, signal),
    ]);
    return { rank, isShown: there.logs[0]?.seq === seq };
  }

  /** How many entries that match stand before `seq`. */
  async #rankOf(seq: number, filters: LogFilters, signal: AbortSignal): Promise<number> {
    return isAny(filters) ? this.logs.rankOf(seq, filters, signal) : seq - 1;
  }

  /** Follows what comes after all that is held; what does so comes after the first rows. */
  async #live(): Promise<void> {
    const { signal } = this.#abort;
    try {
      const { LogFollow: Following } = await import('./logFollow');
      if (signal.aborted) return;
      this.#follow ??= new Following(this, this.#environment);
      this.#follow.start();
    } catch {
      if (!signal.aborted) this.#retry = setTimeout(() => void this.#live(), RETRY_MS);
    }
  }
}

const isAny = (filters: LogFilters): boolean => Object.keys(filters).length > 0;
