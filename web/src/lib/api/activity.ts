import type { ApiClient } from './client';
import { TaskLogs } from './logs';
import type { Stage } from './stages';
import type { Entry } from './types';

/** What a timeline shows: the stages, and who did what when. */
export interface Activity extends Deeds {
  readonly stages: readonly Stage[];
}

export interface Deeds {
  readonly entries: readonly Entry[];
  /** How many such entries there are. */
  readonly total: number;
}

export const MOST_ACTIVITY = 4_000;
const PREVIEW = 240;
const WORDS = 'channel:api_calls,agent_output,user_inputs,knowledge_interactions';

export async function readDeeds(
  api: ApiClient,
  taskId: string,
  signal: AbortSignal,
): Promise<Deeds> {
  const place = { limit: MOST_ACTIVITY, preview: PREVIEW };
  const page = await new TaskLogs(api, taskId).matching(WORDS, place, signal);
  return { entries: page.logs, total: page.total_count };
}
