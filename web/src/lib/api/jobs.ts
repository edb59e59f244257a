import type { ApiClient } from './client';

export interface Execution {
  readonly id: string;
  readonly job_id: string | null;
  readonly task_id: string | null;
  readonly status: string;
  readonly started_at: string | null;
  readonly completed_at: string | null;
  readonly duration_ms: number | null;
  readonly result_summary: string | null;
  readonly error_message: string | null;
  readonly log_count: number;
}

export interface ExecutionPage {
  readonly executions: readonly Execution[];
  readonly total: number;
  readonly has_more: boolean;
}

export interface JobStages {
  readonly job_id: string;
  readonly stages: readonly {
    readonly stage: string;
    readonly tasks: readonly { readonly task_id: string; readonly log_count: number }[];
  }[];
}

export interface ExecutionQuery {
  readonly job_id?: string;
  readonly status?: string;
  readonly limit: number;
}

/** Executions, newest first. */
export function listExecutions(
  api: ApiClient,
  query: ExecutionQuery,
  signal: AbortSignal,
): Promise<ExecutionPage> {
  return api.get('/api/executions', { ...query }, signal);
}

/** The job's stages and their pieces of work, first heard of first. */
export function readJobStages(
  api: ApiClient,
  jobId: string,
  signal: AbortSignal,
): Promise<JobStages> {
  return api.get(`/api/jobs/${encodeURIComponent(jobId)}/stages`, {}, signal);
}
