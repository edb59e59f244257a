import type { Parameters } from './client';
import { parseExactly } from './exactJson';
import type { TaskLogs } from './logs';
import type { Entry, LogFilters, LogPage } from './types';

/** Whole entries, for who opens, copies or saves them; a list shows previews. */
const PAGE = 2_000; // entries in an answer; the server makes it fewer where they are big

/** One entry, its numbers as they were sent; null where the trail has none of that seq. */
export async function entryOf(
  logs: TaskLogs,
  seq: number,
  preview: number | null,
  signal?: AbortSignal,
): Promise<Entry | null> {
  const text = await logs.text({ after_seq: seq - 1, limit: 1, preview }, {}, signal);
  const found = (parseExactly(text) as LogPage).logs[0];
  return found?.seq === seq ? found : null;
}

/** Matching entries, page after page, their numbers as they were sent. */
export async function* pagesOf(
  logs: TaskLogs,
  filters: LogFilters,
  place: Parameters,
  signal: AbortSignal,
): AsyncGenerator<LogPage> {
  let cursor: string | null = null;
  do {
    const text = await logs.text({ ...place, limit: PAGE, cursor }, filters, signal);
    const page = parseExactly(text) as LogPage;
    yield page;
    cursor = page.next_cursor;
  } while (cursor !== null);
}

/** Bytes from `first` on of a part of an entry, and how many it has in all. */
export async function bytesOf(
  logs: TaskLogs,
  [seq, part]: readonly [seq: number, part: string],
  [first, most]: readonly [number, number],
  signal?: AbortSignal,
): Promise<{ readonly bytes: Uint8Array; readonly size: number }> {
  const response = await logs.body(seq, part, `bytes=${first}-${first + most - 1}`, signal);
  const bytes = new Uint8Array(await response.arrayBuffer());
  const total = /\/(\d+)$/.exec(response.headers.get('content-range') ?? '')?.[1];
  return { bytes, size: total === undefined ? first + bytes.length : Number(total) };
}

/** The trail's files in one archive, while it is packed. */
export const archiveOf = ({ api, taskId }: TaskLogs, signal: AbortSignal): Promise<Response> =>
  api.open(`/api/tasks/${encodeURIComponent(taskId)}/files.zip`, {}, signal);
