import type { ApiClient } from './client';
import type { Task, TaskPage } from './types';

/** Filters of the list of tasks, by their names in the API. */
export const TASK_FILTERS = ['status', 'search', 'source', 'agent', 'since'] as const;

export interface TaskQuery extends Readonly<
  Partial<Record<(typeof TASK_FILTERS)[number], string>>
> {
  readonly cursor?: string | null;
  readonly limit: number;
}

/** How many tasks there are of the statuses that somebody waits for. */
export async function countTasks(
  api: ApiClient,
  statuses: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  const pages = await Promise.all(
    statuses.map((status) => listTasks(api, { status, limit: 1 }, signal)),
  );
  return new Map(statuses.map((status, at) => [status, pages[at]?.total_count ?? 0]));
}

/** A page of tasks, newest first. */
export function listTasks(
  api: ApiClient,
  query: TaskQuery,
  signal?: AbortSignal,
): Promise<TaskPage> {
  return api.get('/api/tasks', { ...query }, signal);
}

export function readTask(api: ApiClient, taskId: string, signal?: AbortSignal): Promise<Task> {
  return api.get(`/api/tasks/${encodeURIComponent(taskId)}`, {}, signal);
}
