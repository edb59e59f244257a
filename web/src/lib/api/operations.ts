import type { ApiClient } from './client';
import type { Json } from './types';

export interface Health {
  readonly status: string;
  readonly version: string;
  readonly reasons: readonly string[];
  readonly gaps: number;
}

export interface Metrics {
  readonly queue_depth: number | null;
  readonly queue_lag: number | null;
  readonly events_processed: number | null;
  readonly events_failed: number | null;
  readonly processing_rate: number | null;
  readonly disk_usage: number | null;
  readonly tasks_processed: number | null;
}

export interface Limit {
  readonly name: string;
  readonly value: number | null;
  readonly limit: number;
  readonly unit: string;
}

export interface Alert {
  readonly name: string;
  readonly severity: string;
  readonly value: number | null;
  readonly limit: number | null;
  readonly unit: string | null;
  readonly detail: string;
}

export interface DeadLetter {
  /** Microseconds since 1970. */
  readonly at: number;
  readonly p: number | string;
  readonly pos?: number | null;
  readonly identity?: string | null;
  readonly code: string;
  readonly reason: string;
  /** Base64 of the bytes as they came. */
  readonly raw: string;
}

export interface Hold {
  readonly webhook_event_id: string;
  readonly state: string;
  readonly first_at: string;
  readonly partition: number;
  readonly event_types: readonly string[];
  readonly events: readonly { readonly id: string; readonly event: Json }[];
}

/** All that one looks at to see whether events are recorded. */
export interface Operations {
  readonly health: Health;
  readonly metrics: Metrics;
  readonly alerts: readonly Alert[];
  readonly limits: readonly Limit[];
  readonly dead: readonly DeadLetter[];
  readonly deadTotal: number;
  readonly holds: readonly Hold[];
  readonly holdsTotal: number;
  /** Which parts are there. */
  readonly parts: Readonly<Record<string, boolean>>;
  /** All figures, as monitoring reads them. */
  readonly exposition: string;
}

const MOST = 20; // newest first; the counts say how many there are

export async function readOperations(api: ApiClient, signal: AbortSignal): Promise<Operations> {
  const [health, metrics, alerting, dead, held, ready, exposition] = await Promise.all([
    api.getAnyway<Health>('/health', signal),
    api.getAnyway<Metrics>('/metrics', signal),
    api.get<{ alerts: Alert[]; limits: Limit[] }>('/api/alerts', {}, signal),
    api.get<{ dead_letters: DeadLetter[]; total_count: number }>(
      '/api/dead',
      { limit: MOST },
      signal,
    ),
    api.get<{ holds: Hold[]; total_count: number }>('/api/holds', { limit: MOST }, signal),
    api.getAnyway<{ parts: Record<string, boolean> }>('/ready', signal),
    api.getPlain('/metrics', signal),
  ]);
  return {
    ...{ health, metrics, alerts: alerting.alerts, limits: alerting.limits },
    ...{ dead: dead.dead_letters, deadTotal: dead.total_count },
    ...{ holds: held.holds, holdsTotal: held.total_count },
    ...{ parts: ready.parts, exposition },
  };
}
