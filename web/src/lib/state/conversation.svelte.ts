import { wordsOf } from '$lib/api/client';
import type { TaskLogs } from '$lib/api/logs';
import type { Entry } from '$lib/api/types';
import { Poller } from './poller';

/**
 * The entries of a task's conversation from its beginning: a page at a time by hand, and once all
 * are there, those that come.
 */
const PAGE = 100;
const PREVIEW_BYTES = 32_768; // tool calls carry their ids beside long records
const EVERY_MS = 2_000;
const WORDS = 'channel:agent_output,user_inputs';

export class Conversation {
  entries = $state.raw<readonly Entry[]>([]);
  total = $state<number | null>(null);
  isComplete = $state(false);
  isLoading = $state(false);
  problem = $state<string | null>(null);

  #logs: TaskLogs;
  #abort = new AbortController();
  #poller: Poller;

  constructor(logs: TaskLogs) {
    this.#logs = logs;
    this.#poller = new Poller(
      () => (this.isComplete || this.total === null ? this.more() : Promise.resolve(true)),
      () => EVERY_MS,
    );
  }

  start(): () => void {
    this.#poller.start();
    return () => {
      this.#abort.abort();
      this.#poller.stop();
    };
  }

  /** Loads what follows; says whether that went well. */
  async more(): Promise<boolean> {
    if (this.isLoading) return true;
    const { signal } = this.#abort;
    this.isLoading = true;
    try {
      const after = this.entries.at(-1)?.seq ?? 0;
      const place = { after_seq: after, limit: PAGE, preview: PREVIEW_BYTES };
      const page = await this.#logs.matching(WORDS, place, signal);
      const fresh = page.logs.filter((entry) => entry.seq > after);
      if (fresh.length > 0) this.entries = [...this.entries, ...fresh];
      this.total = page.total_count;
      this.isComplete = page.next_cursor === null;
      this.problem = null;
      return true;
    } catch (error) {
      if (!signal.aborted) this.problem = wordsOf(error);
      return signal.aborted;
    } finally {
      this.isLoading = false;
    }
  }
}
