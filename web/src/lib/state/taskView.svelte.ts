import { createContext } from 'svelte';
import { Problem, wordsOf, type ApiClient } from '$lib/api/client';
import type { Stage } from '$lib/api/stages';
import { readTask } from '$lib/api/tasks';
import type { Task } from '$lib/api/types';
import { Polled } from './polled.svelte';
import { Poller } from './poller';

/** One task's summary, kept fresh; an ended task is looked at less often. */
const EVERY_MS = 1_500;
const EVERY_MS_AFTER_END = 10_000;
const ENDED = new Set(['completed', 'failed', 'cancelled']);

export class TaskView {
  task = $state.raw<Task | null>(null);
  problem = $state<string | null>(null);
  isMissing = $state(false);
  /** Asked for by the page's frame, once for all of its parts. */
  readonly stages = new Polled<readonly Stage[]>(30_000); // and whenever the task has grown

  #api: ApiClient;
  #taskId = '';
  #abort = new AbortController();
  #poller: Poller;

  constructor(api: ApiClient) {
    this.#api = api;
    const pause = (): number => (this.isEnded ? EVERY_MS_AFTER_END : EVERY_MS);
    this.#poller = new Poller(() => this.#refresh(), pause);
  }

  get isEnded(): boolean {
    return this.task !== null && ENDED.has(this.task.status);
  }

  open(taskId: string): void {
    this.close();
    this.#taskId = taskId;
    this.#abort = new AbortController();
    this.task = this.problem = null;
    this.isMissing = false;
    this.#poller.start();
  }

  close(): void {
    this.#abort.abort();
    this.#poller.stop();
  }

  async #refresh(): Promise<boolean> {
    const { signal } = this.#abort;
    try {
      this.task = await readTask(this.#api, this.#taskId, signal);
      this.problem = null;
      this.isMissing = false;
      return true;
    } catch (error) {
      if (signal.aborted) return true;
      this.isMissing = error instanceof Problem && error.status === 404;
      this.problem = this.isMissing ? null : wordsOf(error);
      return this.isMissing;
    }
  }
}

export const [getTaskView, setTaskView] = createContext<TaskView>();
