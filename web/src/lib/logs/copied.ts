import type { TaskLogs } from '$lib/api/logs';
import type { LogFilters } from '$lib/api/types';
import { pagesOf } from '$lib/api/wholeEntries';
import { lineOf } from '$lib/format/entryText';
import type { SeqRange } from '$lib/window/seqRange';

export const MOST_COPIED = 5_000; // entries; more is a download
const PATIENCE_MS = 20_000;

/** The matching entries of a stretch as lines of text, whole, at most so many. */
export async function linesIn(
  logs: TaskLogs,
  filters: LogFilters,
  { first, last }: SeqRange,
): Promise<readonly string[]> {
  const place = { from_seq: first, to_seq: last };
  const lines: string[] = [];
  for await (const page of pagesOf(logs, filters, place, AbortSignal.timeout(PATIENCE_MS))) {
    lines.push(...page.logs.map(lineOf));
    if (lines.length >= MOST_COPIED) break;
  }
  return lines.slice(0, MOST_COPIED);
}

/** Puts a text on the clipboard; false where the browser does not let a page do so. */
export async function copied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
