import type { Task } from '$lib/api/types';
import { secondsBetween } from '$lib/format/time';

/** Seconds the task took, or has been going on for; null where that is not known. */
export function elapsedSeconds(task: Task, nowMs: number): number | null {
  if (typeof task.duration_seconds === 'number') return task.duration_seconds;
  if (task.completed_at) return secondsBetween(task.started_at, Date.parse(task.completed_at));
  return task.status === 'active' ? secondsBetween(task.started_at, nowMs) : null;
}
