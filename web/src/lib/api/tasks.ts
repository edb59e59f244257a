import type { ApiClient } from './client';
import type { Task, TaskPage } from './types';

export interface TaskQuery {
  readonly status?: string;
  readonly search?: string;
  readonly cursor?: string | null;
  readonly limit: number;
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
