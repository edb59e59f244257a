import type { ApiClient } from '$lib/api/client';
import { listTasks } from '$lib/api/tasks';

const MOST = 12;

/** The newest tasks with a text in their title or id, each with how a person knows it. */
export async function tasksNamed(
  api: ApiClient,
  text: string,
  signal: AbortSignal,
): Promise<readonly { readonly task: string; readonly name: string }[]> {
  const { tasks } = await listTasks(api, { search: text, limit: MOST }, signal);
  return tasks.map(({ task_id: task, title }) => ({
    task,
    name: title ? `${title} (${task})` : task,
  }));
}
