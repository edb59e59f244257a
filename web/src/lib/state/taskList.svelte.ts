import { wordsOf, type ApiClient } from '$lib/api/client';
import { listTasks, type TASK_FILTERS } from '$lib/api/tasks';
import type { Task } from '$lib/api/types';
import { Poller } from './poller';

/**
 * The list of tasks, kept fresh.
 *
 * Rows that are shown keep their places: while somebody reads (`isReading`), tasks that came in
 * since wait behind a count until they are asked for. After an error the rows stay.
 */
export type TaskListQuery = { readonly [Name in (typeof TASK_FILTERS)[number]]?: string };

const PAGE = 50;
const MOST_REFRESHED = 1_000; // the API's own limits allow more; a poll should stay cheap
const EVERY_MS = 1_500;
const EVERY_MS_WHEN_LONG = 5_000;

export type Shown = Pick<TaskList, 'tasks' | 'total' | 'nextCursor'>;

export class TaskList {
  tasks = $state.raw<readonly Task[]>([]);
  total = $state<number | null>(null);
  nextCursor = $state<string | null>(null);
  /** Newer tasks that wait to be shown. */
  waiting = $state(0);
  problem = $state<string | null>(null);
  /** The index has not read all: tasks may be missing. */
  isBehind = $state(false);
  isLoadingMore = $state(false);
  isReading = false;

  #api: ApiClient;
  #query: TaskListQuery = {};
  #abort = new AbortController();
  #poller: Poller;

  constructor(api: ApiClient) {
    this.#api = api;
    const pause = (): number => (this.tasks.length > 4 * PAGE ? EVERY_MS_WHEN_LONG : EVERY_MS);
    this.#poller = new Poller(() => this.#refresh(), pause);
  }

  get isLoading(): boolean {
    return this.total === null;
  }

  /** Shows the tasks of a query from now on. */
  open(query: TaskListQuery): void {
    this.close();
    this.#query = query;
    this.#abort = new AbortController();
    this.tasks = [];
    this.total = this.nextCursor = null;
    this.waiting = 0;
    this.#poller.start();
  }

  /** What is shown, for whoever comes back to it. */
  get shown(): Shown {
    return { tasks: this.tasks, total: this.total, nextCursor: this.nextCursor };
  }

  /** Shows that again until it is asked for anew; newer tasks wait, where somebody reads. */
  showAgain(shown: Shown, isReading: boolean): void {
    Object.assign(this, shown);
    this.isReading = isReading;
  }

  close(): void {
    this.#abort.abort();
    this.#poller.stop();
  }

  retry(): void {
    void this.#poller.now();
  }

  showWaiting(): void {
    this.isReading = false;
    this.waiting = 0;
    void this.#poller.now();
  }

  async loadMore(): Promise<void> {
    const { signal } = this.#abort;
    if (this.nextCursor === null || this.isLoadingMore) return;
    this.isLoadingMore = true;
    try {
      const query = { ...this.#query, limit: PAGE, cursor: this.nextCursor };
      const page = await listTasks(this.#api, query, signal);
      const known = new Set(this.tasks.map((task) => task.task_id));
      this.tasks = [...this.tasks, ...page.tasks.filter((task) => !known.has(task.task_id))];
      this.nextCursor = page.next_cursor;
    } catch (error) {
      if (!signal.aborted) this.problem = wordsOf(error);
    } finally {
      this.isLoadingMore = false;
    }
  }

  async #refresh(): Promise<boolean> {
    const { signal } = this.#abort;
    const limit = Math.min(MOST_REFRESHED, Math.max(PAGE, this.tasks.length + this.waiting));
    try {
      const page = await listTasks(this.#api, { ...this.#query, limit }, signal);
      this.#take(page.tasks, page.next_cursor, page.total_count);
      this.problem = null;
      this.isBehind = page.behind === true;
      return true;
    } catch (error) {
      if (!signal.aborted) this.problem = wordsOf(error);
      return false;
    }
  }

  #take(fresh: readonly Task[], cursor: string | null, total: number): void {
    const isFirst = this.total === null;
    const rest = this.tasks.slice(fresh.length); // loaded by hand, beyond what a poll refreshes
    const shownId = this.tasks[0]?.task_id;
    const newer = isFirst ? 0 : fresh.findIndex((task) => task.task_id === shownId);
    this.total = total;
    this.waiting = this.isReading && newer > 0 ? newer : 0;
    const ids = new Set(fresh.map((task) => task.task_id));
    this.tasks = [...fresh.slice(this.waiting), ...rest.filter((task) => !ids.has(task.task_id))];
    if (isFirst || rest.length === 0) this.nextCursor = cursor;
  }
}
