import { redirect } from '@sveltejs/kit';
import { base, resolve } from '$app/paths';
import { ApiClient } from '$lib/api/client';
import { withKey } from '$lib/api/key';
import { TaskLogs } from '$lib/api/logs';
import { readTask } from '$lib/api/tasks';
import type { PageLoad } from './$types';

/** A task's own address opens what one wants to know first: its first error, its result, its log. */
export const load: PageLoad = async ({ params, url, fetch }) => {
  const api = new ApiClient(base, url.origin, withKey(fetch));
  redirect(307, await placeOf(api, params.task));
};

async function placeOf(api: ApiClient, taskId: string): Promise<string> {
  const log = resolve('/t/[task]/log', { task: taskId });
  try {
    const { status } = await readTask(api, taskId);
    if (status === 'completed') return resolve('/t/[task]/result', { task: taskId });
    const seq = status === 'failed' ? await new TaskLogs(api, taskId).errorFrom(0, 1, {}) : null;
    return seq === null ? log : `${log}#L${seq}`;
  } catch {
    return log; // it says what is wrong, and tries again
  }
}
