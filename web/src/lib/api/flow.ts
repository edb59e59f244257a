import type { ApiClient } from './client';
import { TaskLogs } from './logs';
import type { Entry } from './types';

/** What a webhook led to, and how the answer was posted: the entries, oldest first. */
export interface TaskFlow {
  readonly steps: readonly Entry[];
  readonly stepTotal: number;
  readonly postings: readonly Entry[];
  readonly postingTotal: number;
}

const MOST = 200;
const PREVIEW = 65_536; // a payload beyond it is opened in the log

export async function readFlow(
  api: ApiClient,
  taskId: string,
  signal: AbortSignal,
): Promise<TaskFlow> {
  const logs = new TaskLogs(api, taskId);
  const place = { limit: MOST, preview: PREVIEW };
  const [flow, posting] = await Promise.all([
    logs.matching('channel:webhook_flow', place, signal),
    logs.matching('channel:response_posting', place, signal),
  ]);
  return {
    ...{ steps: flow.logs, stepTotal: flow.total_count },
    ...{ postings: posting.logs, postingTotal: posting.total_count },
  };
}
