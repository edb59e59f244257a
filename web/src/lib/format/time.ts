/** Times and durations. An unknown or unreadable time is a dash, never "now". */
export const UNKNOWN_TIME = '–';
const DAY = 86_400;

export type Zone = 'local' | 'utc';

function parsed(iso: string | null | undefined): Date | null {
  const time = iso ? new Date(iso) : null;
  return time && !Number.isNaN(time.getTime()) ? time : null;
}

const two = (value: number): string => String(value).padStart(2, '0');

/** The time as `2026-11-22T12:00:01.123` of a zone. */
function written(time: Date, zone: Zone): string {
  const shift = zone === 'utc' ? 0 : time.getTimezoneOffset() * 60_000;
  return new Date(time.getTime() - shift).toISOString();
}

/** `12:00:01.123`, in the reader's zone unless said. */
export function formatClock(iso: string | null | undefined, zone: Zone = 'local'): string {
  const time = parsed(iso);
  return time ? written(time, zone).slice(11, 23) : UNKNOWN_TIME;
}

/** `2026-11-22`, in the reader's zone unless said. */
export function formatDay(iso: string | null | undefined, zone: Zone = 'local'): string {
  const time = parsed(iso);
  return time ? written(time, zone).slice(0, 10) : UNKNOWN_TIME;
}

/** `2026-11-22 12:00:01`, in the reader's zone unless said. */
export function formatTime(iso: string | null | undefined, zone: Zone = 'local'): string {
  const time = parsed(iso);
  return time ? written(time, zone).slice(0, 19).replace('T', ' ') : UNKNOWN_TIME;
}

/** `+12.345`, `-0.020`, `+1:02:03.4`: how long after another time. */
export function formatSince(
  iso: string | null | undefined,
  from: string | null | undefined,
): string {
  const [time, start] = [parsed(iso), parsed(from)];
  if (!time || !start) return UNKNOWN_TIME;
  const ms = time.getTime() - start.getTime();
  const sign = ms < 0 ? '-' : '+';
  const size = Math.abs(ms);
  if (size < 60_000) return `${sign}${(size / 1_000).toFixed(3)}`;
  return `${sign}${formatDuration(Math.floor(size / 1_000))}.${Math.floor((size % 1_000) / 100)}`;
}

/** `412 ms`, `05:12`, `1:02:03`, `2 d 04:00`. */
export function formatDuration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || Number.isNaN(seconds)) return UNKNOWN_TIME;
  if (seconds < 0) return UNKNOWN_TIME; // two clocks that disagree say nothing
  if (seconds < 1) return `${Math.round(seconds * 1_000)} ms`;
  const whole = Math.floor(seconds);
  const [hours, minutes] = [Math.floor(whole / 3_600), Math.floor((whole % 3_600) / 60)];
  if (whole >= DAY) return `${Math.floor(whole / DAY)} d ${two(hours % 24)}:${two(minutes)}`;
  const short = `${two(minutes)}:${two(whole % 60)}`;
  return hours > 0 ? `${hours}:${short}` : short;
}

/** Seconds from one time to another, or null where one of them is not known. */
export function secondsBetween(from: string | null | undefined, toMs: number): number | null {
  const start = parsed(from);
  return start ? Math.max(0, (toMs - start.getTime()) / 1_000) : null;
}

/** `just now`, `12 s ago`, `3 min ago`, `5 h ago`, then the day. */
export function formatAgo(iso: string | null | undefined, nowMs: number): string {
  const seconds = secondsBetween(iso, nowMs);
  if (seconds === null) return UNKNOWN_TIME;
  if (seconds < 2) return 'just now';
  if (seconds < 60) return `${Math.floor(seconds)} s ago`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ago`;
  return seconds < DAY ? `${Math.floor(seconds / 3_600)} h ago` : formatDay(iso);
}
