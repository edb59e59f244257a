import type { Task } from '$lib/api/types';
import { secondsBetween } from '$lib/format/time';

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
