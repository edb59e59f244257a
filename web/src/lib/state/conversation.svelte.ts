import { wordsOf } from '$lib/api/client';
import type { TaskLogs } from '$lib/api/logs';
import type { Entry } from '$lib/api/types';
import { fieldsOf, textIn } from '$lib/format/documents';
import { Poller } from './poller';

/**
 * The entries of a task's conversation from its beginning: a page at a time by hand, and once all
 * are there, those that come. Beside them, who started whom.
 */
const PAGE = 100;
const LONG_PAGE = 500; // on the way to an entry far down
const PREVIEW_BYTES = 32_768; // tool calls carry their ids beside long records
const EVERY_MS = 2_000;
const WORDS = 'channel:agent_output,user_inputs';
const MOST_WORKERS = 1_000;

export class Conversation {
  entries = $state.raw<readonly Entry[]>([]);
  /** By worker: the worker that started it. */
  parents = $state.raw<ReadonlyMap<string, string>>(new Map());
  total = $state<number | null>(null);
  isComplete = $state(false);
  isLoading = $state(false);
  problem = $state<string | null>(null);

  #logs: TaskLogs;
  #abort = new AbortController();
  #poller: Poller;
  #workers = new Set<string>();

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

  /** Loads on until that entry is there, or all are; says whether it is. */
  async upTo(seq: number): Promise<boolean> {
    while (!this.isComplete && (this.entries.at(-1)?.seq ?? 0) < seq) {
      if (!(await this.more(LONG_PAGE)) || this.#abort.signal.aborted) break;
      if (this.isLoading) await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return (this.entries.at(-1)?.seq ?? 0) >= seq;
  }

  /** Loads what follows; says whether that went well. */
  async more(limit = PAGE): Promise<boolean> {
    if (this.isLoading) return true;
    const { signal } = this.#abort;
    this.isLoading = true;
    try {
      const after = this.entries.at(-1)?.seq ?? 0;
      const place = { after_seq: after, limit, preview: PREVIEW_BYTES };
      const page = await this.#logs.matching(WORDS, place, signal);
      const fresh = page.logs.filter((entry) => entry.seq > after);
      await this.#meet(fresh, signal);
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

  /** Asks who started them, where there are workers that were not heard of. */
  async #meet(entries: readonly Entry[], signal: AbortSignal): Promise<void> {
    const known = this.#workers.size;
    for (const { worker_id: worker } of entries) if (worker) this.#workers.add(worker);
    if (this.#workers.size === known || this.#workers.size < 2) return;
    const place = { limit: MOST_WORKERS, preview: 500 };
    const page = await this.#logs.matching('type:worker:spawned', place, signal);
    this.parents = new Map(
      page.logs.flatMap((entry) => {
        const parent = textIn(fieldsOf(fieldsOf(entry.event).data), 'parent_worker_id');
        return entry.worker_id && parent ? [[entry.worker_id, parent] as const] : [];
      }),
    );
  }
}
