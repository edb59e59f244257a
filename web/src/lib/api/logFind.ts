import { combined, phraseOf } from '$lib/format/clauses';
import type { TaskLogs } from './logs';
import { jsonLines } from './ndjson';
import type { SearchMessage } from './search';
import type { LogFilters } from './types';

/** Seq of the next or previous matching entry that holds a text, seen from `seq`. */
export function hitFrom(
  logs: TaskLogs,
  text: string,
  [seq, step]: readonly [seq: number, step: 1 | -1],
  filters: LogFilters,
  signal?: AbortSignal,
): Promise<number | null> {
  const q = combined(filters.q, phraseOf(text));
  return logs.nextFrom(seq, step, { ...filters, q }, signal);
}

/** Entries that match and hold a text, newest first, as they are found. */
export async function* found(
  logs: TaskLogs,
  text: string,
  filters: LogFilters,
  limit: number,
  signal: AbortSignal,
): AsyncGenerator<SearchMessage> {
  const q = combined(filters.q, phraseOf(text));
  const asked = { ...filters, q, limit, preview: 1, seconds: 60, task_id: logs.taskId };
  const response = await logs.api.open('/api/search', asked, signal);
  if (response.body) yield* jsonLines<SearchMessage>(response.body);
}
