import type { ApiClient } from './client';

/** One time that a task went through a stage. */
export interface Stage {
  readonly stage: string;
  /** Which of its name: 1, 2, … */
  readonly number: number;
  readonly attempt: number | null;
  /** Null for a stage that entries name and nobody began. */
  readonly status: string | null;
  readonly started_at: string | null;
  readonly completed_at: string | null;
  readonly duration_seconds: number | null;
  readonly error: string | null;
  readonly depth: number;
  readonly first_seq: number | null;
  readonly last_seq: number | null;
  readonly first_at: string | null;
  readonly last_at: string | null;
  readonly entries: number;
  readonly warnings: number;
  readonly errors: number;
}

export async function readStages(
  api: ApiClient,
  taskId: string,
  signal: AbortSignal,
): Promise<readonly Stage[]> {
  const path = `/api/tasks/${encodeURIComponent(taskId)}/stages`;
  return (await api.get<{ stages: Stage[] }>(path, {}, signal)).stages;
}
