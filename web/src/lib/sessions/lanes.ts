import type { CoordinatorEvent, SessionWithTasks } from '$lib/api/sessions';

/** One row of a session's picture: a worker or a task, from when to when. */
export interface Lane {
  readonly worker: string;
  readonly task: string | null;
  readonly status: string | null;
  readonly startMs: number;
  readonly endMs: number;
  /** Percent of the width. */
  readonly left: number;
  readonly width: number;
  readonly isOpen: boolean;
}

export interface Mark {
  readonly event: CoordinatorEvent;
  readonly left: number;
}

export interface Picture {
  readonly startMs: number;
  readonly endMs: number;
  readonly lanes: readonly Lane[];
  readonly marks: readonly Mark[];
}

const LEAST_WIDTH = 0.5;

const timeOf = (iso: string | null | undefined): number | null => {
  const time = Date.parse(iso ?? '');
  return Number.isNaN(time) ? null : time;
};

/** Workers and events on one line of time; null where no time is known. What goes on ends at `nowMs`. */
export function pictureOf(
  session: SessionWithTasks,
  events: readonly CoordinatorEvent[],
  nowMs: number,
): Picture | null {
  const over = timeOf(session.ended_at);
  const workers = session.workers.flatMap((worker) => {
    const startMs = timeOf(worker.spawned_at);
    if (startMs === null) return [];
    const told = timeOf(worker.completed_at) ?? over;
    return [{ worker, startMs, endMs: Math.max(startMs, told ?? nowMs), isOpen: told === null }];
  });
  const moments = events.flatMap((event) => timeOf(event.timestamp) ?? []);
  const starts = [timeOf(session.started_at) ?? Infinity, ...workers.map((one) => one.startMs)];
  const startMs = Math.min(...starts, ...moments);
  const endMs = Math.max(over ?? -Infinity, ...workers.map((one) => one.endMs), ...moments);
  if (!Number.isFinite(startMs) || endMs <= startMs) return null;
  const at = (ms: number): number => ((ms - startMs) / (endMs - startMs)) * 100;
  return {
    ...{ startMs, endMs },
    lanes: workers
      .map(({ worker, isOpen, ...one }) => ({
        ...{
          worker: worker.worker_id,
          task: worker.task_id,
          status: worker.status,
          isOpen,
          ...one,
        },
        left: Math.min(100 - LEAST_WIDTH, at(one.startMs)),
        width: Math.max(LEAST_WIDTH, at(one.endMs) - at(one.startMs)),
      }))
      .sort((a, b) => a.startMs - b.startMs),
    marks: events.flatMap((event) => {
      const ms = timeOf(event.timestamp);
      return ms === null ? [] : [{ event, left: at(ms) }];
    }),
  };
}
