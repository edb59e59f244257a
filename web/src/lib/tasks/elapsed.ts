import type { Task } from '$lib/api/types';
import { secondsBetween } from '$lib/format/time';

const SILENT_MS = 600_000; // a model's answer and most tools take less
const LATE_MS = 3_600_000; // told so much later, it does not run: it was imported

/** Seconds the task took, or has been going on for; null where that is not known. */
export function elapsedSeconds(task: Task, nowMs: number): number | null {
  if (typeof task.duration_seconds === 'number') return task.duration_seconds;
  if (task.completed_at) return secondsBetween(task.started_at, Date.parse(task.completed_at));
  return task.status === 'active' ? secondsBetween(task.started_at, nowOf(task, nowMs)) : null;
}

/** Now, or the last time anything is known of, where the task was told long after it happened. */
export function nowOf(task: Task, nowMs: number): number {
  const [last, told] = [Date.parse(task.last_at ?? ''), Date.parse(task.updated_at ?? '')];
  return told - last >= LATE_MS ? last : nowMs;
}

/** Seconds for which nothing was recorded of an active task; null where that is not long. */
export function silentSeconds(task: Task, nowMs: number): number | null {
  const heard = Date.parse(task.updated_at ?? '');
  const isLong = task.status === 'active' && nowMs - heard >= SILENT_MS;
  return isLong ? (nowMs - heard) / 1_000 : null;
}

/** From when to when it went on, as far as that is told; null where it is not. */
export function toldOf(task: Task): { startMs: number; endMs: number } | null {
  const startMs = Date.parse(task.started_at ?? '');
  const endMs = Date.parse(task.last_at ?? '');
  return startMs <= endMs ? { startMs, endMs } : null;
}
