import type { ApiClient, Parameters } from './client';
import { parseExactly } from './exactJson';
import type { Entry, LogFilters, LogPage } from './types';

/** One task's log over HTTP, and the address of its live connection. */
export class TaskLogs {
  readonly taskId: string;
  #api: ApiClient;
  #path: string;

  constructor(api: ApiClient, taskId: string) {
    this.#api = api;
    this.taskId = taskId;
    this.#path = `/api/tasks/${encodeURIComponent(taskId)}/logs`;
  }

  /** Entries, oldest first, from a place: after or before a seq, or at a rank. */
  list(place: Parameters, filters: LogFilters, signal?: AbortSignal): Promise<LogPage> {
    return this.#api.get(this.#path, { ...filters, ...place, preview: PREVIEW_BYTES }, signal);
  }

  /** Entries that match a typed query, from a place on. */
  matching(query: string, place: Parameters, signal?: AbortSignal): Promise<LogPage> {
    return this.#api.get(this.#path, { q: query, ...place }, signal);
  }

  /** Seq of the next or previous error among those that match, seen from `seq`; null without one. */
  async errorFrom(
    seq: number,
    step: 1 | -1,
    filters: LogFilters,
    signal?: AbortSignal,
  ): Promise<number | null> {
    const place = step > 0 ? { after_seq: seq } : { before_seq: seq };
    const wanted = { ...filters, min_level: 'error' };
    const page = await this.list({ ...place, limit: 1 }, wanted, signal);
    return page.logs[0]?.seq ?? null;
  }

  /** The newest entries, oldest of them first, and how many match in all. */
  async newest(limit: number, filters: LogFilters, signal?: AbortSignal): Promise<LogPage> {
    const page = await this.list({ order: 'desc', limit }, filters, signal);
    return { ...page, logs: page.logs.toReversed() };
  }

  /** One entry, whole, its numbers as they were sent; null where the trail has none of that seq. */
  async entry(seq: number, signal?: AbortSignal): Promise<Entry | null> {
    const text = await this.#api.getText(this.#path, wholeEntry(seq), signal);
    const found = (parseExactly(text) as LogPage).logs[0];
    return found?.seq === seq ? found : null;
  }

  /** Where a browser can open or save one whole entry. */
  entryUrl(seq: number): string {
    return this.#api.url(this.#path, wholeEntry(seq));
  }

  /** The place of `seq` among `count` matching entries: the first that is not before it. */
  async rankOf(
    seq: number,
    count: number,
    filters: LogFilters,
    signal: AbortSignal,
  ): Promise<number> {
    let [low, high] = [0, count];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const page = await this.list({ offset: middle, limit: 1 }, filters, signal);
      const found = page.logs[0];
      if (found && found.seq < seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The components that wrote entries, each once. */
  sources(signal?: AbortSignal): Promise<readonly string[]> {
    return this.#api.get(`${this.#path}/sources`, {}, signal);
  }

  followUrl(filters: LogFilters, afterSeq: number): string {
    const path = `/ws/logs/${encodeURIComponent(this.taskId)}`;
    return this.#api.socketUrl(path, { ...filters, after_seq: afterSeq });
  }
}

/** Longest message in a list; the whole one is fetched when a person asks for it. */
export const PREVIEW_BYTES = 8_192;

function wholeEntry(seq: number): Parameters {
  return { after_seq: seq - 1, limit: 1 };
}
