import type { ApiClient, Parameters } from './client';
import { parseExactly } from './exactJson';
import type { Entry, Histogram, LogFilters, LogPage, LogStats } from './types';

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

  /** One entry, its numbers as they were sent; null where the trail has none of that seq. */
  async entry(seq: number, preview: number | null, signal?: AbortSignal): Promise<Entry | null> {
    const place = { after_seq: seq - 1, limit: 1, preview };
    const text = await this.#api.getText(this.#path, place, signal);
    const found = (parseExactly(text) as LogPage).logs[0];
    return found?.seq === seq ? found : null;
  }

  /** Where a browser can open or save one whole entry. */
  entryUrl(seq: number): string {
    return this.#api.url(`${this.#path}/${seq}`, {});
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

  /** How many matching entries of each level lie in which stretch of time. */
  histogram(filters: LogFilters, buckets: number, signal?: AbortSignal): Promise<Histogram> {
    return this.#api.get(`${this.#path}/histogram`, { ...filters, buckets }, signal);
  }

  /** How many matching entries there are of each level, source, stage, channel and event type. */
  stats(filters: LogFilters, signal?: AbortSignal): Promise<LogStats> {
    return this.#api.get(`${this.#path}/stats`, { ...filters }, signal);
  }

  /** What the search over tasks says of this one, line by line. */
  search(asked: Parameters, signal: AbortSignal): Promise<Response> {
    return this.#api.open('/api/search', { ...asked, task_id: this.taskId }, signal);
  }

  /** Matching entries whole, page after page, their numbers as they were sent. */
  async *pages(
    filters: LogFilters,
    place: Parameters,
    signal: AbortSignal,
  ): AsyncGenerator<LogPage> {
    let cursor: string | null = null;
    do {
      const asked: Parameters = { ...filters, ...place, limit: PAGE, cursor };
      const page = parseExactly(await this.#api.getText(this.#path, asked, signal)) as LogPage;
      yield page;
      cursor = page.next_cursor;
    } while (cursor !== null);
  }

  /** Bytes from `first` on of a part of an entry, and how many it has in all. */
  async bytes(
    seq: number,
    part: string,
    [first, most]: readonly [number, number],
    signal?: AbortSignal,
  ): Promise<{ readonly bytes: Uint8Array; readonly size: number }> {
    const range = `bytes=${first}-${first + most - 1}`;
    const response = await this.#api.open(`${this.#path}/${seq}/body`, { part }, signal, range);
    const bytes = new Uint8Array(await response.arrayBuffer());
    const total = /\/(\d+)$/.exec(response.headers.get('content-range') ?? '')?.[1];
    return { bytes, size: total === undefined ? first + bytes.length : Number(total) };
  }

  /** Where a browser opens or saves a part of an entry. */
  bodyUrl(seq: number, part: string): string {
    return this.#api.url(`${this.#path}/${seq}/body`, { part });
  }

  /** The trail's files in one archive, while it is packed. */
  archive(signal: AbortSignal): Promise<Response> {
    return this.#api.open(`/api/tasks/${encodeURIComponent(this.taskId)}/files.zip`, {}, signal);
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
const PAGE = 2_000; // whole entries in an answer; the server makes it fewer where they are big
