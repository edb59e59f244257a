import type { ApiClient } from './client';
import { TaskLogs } from './logs';
import { readStages, type Stage } from './stages';
import type { Entry } from './types';

/** What a timeline shows: the stages, and who did what when. */
export interface Activity {
  readonly stages: readonly Stage[];
  readonly entries: readonly Entry[];
  /** How many such entries there are. */
  readonly total: number;
}

export const MOST_ACTIVITY = 4_000;
const PREVIEW = 240;
const WORDS = 'channel:api_calls,agent_output,user_inputs,knowledge_interactions';

export async function readActivity(
  api: ApiClient,
  taskId: string,
  signal: AbortSignal,
): Promise<Activity> {
  const logs = new TaskLogs(api, taskId);
  const place = { limit: MOST_ACTIVITY, preview: PREVIEW };
  const [stages, page] = await Promise.all([
    readStages(api, taskId, signal),
    logs.matching(WORDS, place, signal),
  ]);
  return { stages, entries: page.logs, total: page.total_count };
}
