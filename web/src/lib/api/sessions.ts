import type { ApiClient } from './client';
import type { Figures } from './costs';
import type { Json } from './types';

export interface Session extends Figures {
  readonly session_id: string;
  /** Of its first task that has one. */
  readonly title: string | null;
  readonly started_at: string | null;
  readonly ended_at: string | null;
  readonly exit_reason: string | null;
  readonly git_commit: string | null;
  readonly branch: string | null;
  readonly host: string | null;
  readonly pid: number | null;
  readonly config: Json;
  readonly task_counts: Readonly<Record<string, number>>;
  readonly worker_count: number;
}

export interface Worker extends Figures {
  readonly worker_id: string;
  readonly session_id: string | null;
  readonly task_id: string | null;
  readonly task_title: string | null;
  readonly spawned_at: string | null;
  readonly completed_at: string | null;
  readonly pid: number | null;
  /** Null for a worker that only its calls tell of. */
  readonly status: string | null;
  readonly exit_code: number | null;
  readonly log_file: string | null;
  readonly parent_worker_id: string | null;
  readonly agent: string | null;
}

export interface SessionTask {
  readonly task_id: string;
  readonly title: string | null;
  readonly status: string;
  readonly cost_micro_usd: number | null;
  readonly unpriced_calls: number;
}

export interface SessionWithTasks extends Session {
  readonly tasks: readonly SessionTask[];
  readonly workers: readonly Worker[];
}

export interface WorkerWithWorkers extends Worker {
  readonly workers: readonly Worker[];
}

export interface CoordinatorEvent {
  readonly event_id: string;
  readonly timestamp: string;
  readonly event_type: string;
  readonly severity: string;
  readonly message: string | null;
  readonly task_id: string | null;
  readonly worker_id: string | null;
  readonly context_type?: string | null;
  readonly context_id?: string | null;
  readonly details: Json;
}

export interface SessionPage {
  readonly sessions: readonly Session[];
  readonly total_count: number;
  readonly next_cursor: string | null;
}

export interface WorkerPage {
  readonly workers: readonly Worker[];
  readonly total_count: number;
  readonly next_cursor: string | null;
}

export interface EventPage {
  readonly events: readonly CoordinatorEvent[];
  readonly total_count: number;
  readonly next_cursor: string | null;
}

/** The newest sessions, as many as are asked for. */
export function listSessions(
  api: ApiClient,
  limit: number,
  signal: AbortSignal,
): Promise<SessionPage> {
  return api.get('/api/sessions', { limit }, signal);
}

export function readSession(
  api: ApiClient,
  id: string,
  signal: AbortSignal,
): Promise<SessionWithTasks> {
  return api.get(`/api/sessions/${encodeURIComponent(id)}`, {}, signal);
}

/** What the coordinator decided, was told or ran into, newest first. */
export function sessionEvents(
  api: ApiClient,
  sessionId: string,
  signal: AbortSignal,
): Promise<EventPage> {
  return api.get('/api/events', { session_id: sessionId, limit: 100 }, signal);
}

/** What the service said of its budgets, newest first: warnings, and what went beyond. */
export async function budgetCrossings(
  api: ApiClient,
  signal: AbortSignal,
): Promise<readonly CoordinatorEvent[]> {
  const pages = await Promise.all(
    ['budget_exceeded', 'budget_warning'].map((type) =>
      api.get<EventPage>('/api/events', { type, limit: 10 }, signal),
    ),
  );
  return pages
    .flatMap(({ events }) => events)
    .sort((a, b) => b.timestamp.localeCompare(a.timestamp))
    .slice(0, 10);
}

export function listWorkers(
  api: ApiClient,
  limit: number,
  signal: AbortSignal,
): Promise<WorkerPage> {
  return api.get('/api/workers', { limit }, signal);
}

export function readWorker(
  api: ApiClient,
  id: string,
  signal: AbortSignal,
): Promise<WorkerWithWorkers> {
  return api.get(`/api/workers/${encodeURIComponent(id)}`, {}, signal);
}
