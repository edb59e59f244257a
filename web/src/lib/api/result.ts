import type { ApiClient } from './client';
import { TaskFiles } from './files';
import { TaskLogs } from './logs';
import type { Entry, Json } from './types';

/** What a task was asked, how it ended, and what went wrong on the way. */
export interface TaskResult {
  /** The documents as they were sent; null where there is none. */
  readonly input: Json;
  readonly result: Json;
  readonly errorCount: number;
  readonly firstError: Entry | null;
  /** The last errors that say something of their own, newest first. */
  readonly lastErrors: readonly Entry[];
}

const LAST = 5;
const PREVIEW = 2_000;

export async function readResult(
  api: ApiClient,
  taskId: string,
  signal: AbortSignal,
): Promise<TaskResult> {
  const [files, logs] = [new TaskFiles(api, taskId), new TaskLogs(api, taskId)];
  const words = 'level>=error';
  const [[input = null, result = null], first, last] = await Promise.all([
    files.documents(['01-input.json', '06-final-result.json'], signal),
    logs.matching(words, { limit: 1, preview: PREVIEW }, signal),
    logs.matching(words, { limit: LAST, order: 'desc', preview: PREVIEW }, signal),
  ]);
  return {
    ...{ input, result },
    errorCount: last.total_count,
    firstError: first.logs[0] ?? null,
    lastErrors: last.logs.filter(({ message, event_type }) => message !== event_type),
  };
}
