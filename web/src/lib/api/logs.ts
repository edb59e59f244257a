import type { ApiClient, Parameters } from './client';
import type { LogFilters, LogPage } from './types';

/** One task's log over HTTP, and the address of its live connection. */
export class TaskLogs {
  readonly taskId: string;
  readonly api: ApiClient;
  readonly path: string;

  constructor(api: ApiClient, taskId: string) {
    this.api = api;
    this.taskId = taskId;
    this.path = `/api/tasks/${encodeURIComponent(taskId)}/logs`;
  }

  /** Entries, oldest first, from a place: after or before a seq, or at a rank. */
  list(place: Parameters, filters: LogFilters, signal?: AbortSignal): Promise<LogPage> {
    return this.api.get(this.path, { ...filters, ...place, preview: PREVIEW_BYTES }, signal);
  }

  /** Entries that match a typed query, from a place on. */
  matching(query: string, place: Parameters, signal?: AbortSignal): Promise<LogPage> {
    return this.api.get(this.path, { q: query, ...place }, signal);
  }

  /** Seq of the next or previous matching entry, seen from `seq`; null without one. */
  async nextFrom(
    seq: number,
    step: 1 | -1,
    filters: LogFilters,
    signal?: AbortSignal,
  ): Promise<number | null> {
    const place = step > 0 ? { after_seq: seq } : { before_seq: seq };
    return (await this.list({ ...place, limit: 1 }, filters, signal)).logs[0]?.seq ?? null;
  }

  /** The same for errors. */
  errorFrom(seq: number, step: 1 | -1, filters: LogFilters): Promise<number | null> {
    return this.nextFrom(seq, step, { ...filters, min_level: 'error' });
  }

  /** The newest entries, oldest of them first, and how many match in all. */
  async newest(limit: number, filters: LogFilters, signal?: AbortSignal): Promise<LogPage> {
    const page = await this.list({ order: 'desc', limit }, filters, signal);
    return { ...page, logs: page.logs.toReversed() };
  }

  /** The same as `list` without a preview, as the text that was sent. */
  text(place: Parameters, filters: LogFilters, signal?: AbortSignal): Promise<string> {
    return this.api.getText(this.path, { ...filters, ...place }, signal);
  }

  /** Where a browser can open or save one whole entry. */
  entryUrl(seq: number): string {
    return this.api.url(`${this.path}/${seq}`, {});
  }

  /** How many of the matching entries stand before `seq`. */
  async rankOf(seq: number, filters: LogFilters, signal?: AbortSignal): Promise<number> {
    if (seq <= 1) return 0;
    return (await this.list({ to_seq: seq - 1, limit: 1 }, filters, signal)).total_count;
  }

  /** Seq of the first matching entry that is not before a moment; null where all are. */
  async seqAt(moment: string, filters: LogFilters, signal?: AbortSignal): Promise<number | null> {
    const page = await this.list({ limit: 1 }, { ...filters, since: moment }, signal);
    return page.logs[0]?.seq ?? null;
  }

  /** A part of an entry; `range` says which of its bytes: `bytes=0-99`. */
  body(seq: number, part: string, range: string, signal?: AbortSignal): Promise<Response> {
    return this.api.open(`${this.path}/${seq}/body`, { part }, signal, range);
  }

  /** Where a browser opens or saves a part of an entry. */
  bodyUrl(seq: number, part: string): string {
    return this.api.url(`${this.path}/${seq}/body`, { part });
  }
}

/** Longest message in a list; the whole one is fetched when a person asks for it. */
export const PREVIEW_BYTES = 8_192;
