import type { TimeMode } from '$lib/state/logLook.svelte';
import type { RowView } from '$lib/state/logFrame';
import { formatClock, formatDay, formatSince, type Zone } from '$lib/format/time';

const MINUTE = 16; // characters of a time up to its minutes: no zone's day begins within one

/** What stands in the column of times of a row. */
export function timeOf(row: RowView, mode: TimeMode, zone: Zone, start: string | null): string {
  const at = row.entry?.timestamp;
  if (mode === 'start') return formatSince(at, start);
  if (mode === 'delta') return row.before === null ? '' : formatSince(at, row.before);
  return formatClock(at, zone);
}

/** The day to write above a row: where it differs from the row before, and above the first. */
export function dayAbove(row: RowView, zone: Zone): string | null {
  if (!row.entry || (row.before === null && row.rank > 0)) return null;
  if (row.before?.slice(0, MINUTE) === row.entry.timestamp.slice(0, MINUTE)) return null;
  const day = formatDay(row.entry.timestamp, zone);
  return row.before !== null && formatDay(row.before, zone) === day ? null : day;
}
