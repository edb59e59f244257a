import type { ApiClient } from './client';

/** Who did what when; deeds are columns of equal length. */
export interface Activity {
  readonly task_id: string;
  /** How many entries tell of deeds, and of how many of the first of them these are made. */
  readonly total_count: number;
  readonly read: number;
  /** Empty where nobody said who. */
  readonly workers: readonly string[];
  readonly words: readonly string[];
  readonly deeds: {
    /** Places in the lists above. */
    readonly worker: readonly number[];
    readonly words: readonly number[];
    readonly kind: readonly DeedKind[];
    readonly start_ms: readonly number[];
    /** Null for a tool that has not answered. */
    readonly took_ms: readonly (number | null)[];
    readonly is_failed: readonly boolean[];
    readonly seq: readonly number[];
  };
}

export type DeedKind = 'api' | 'tool' | 'said' | 'user' | 'knowledge';

export const FIRST_DEEDS = 4_000; // are drawn soon, the others after them
export const MOST_DEEDS = 50_000;

export function readActivity(
  api: ApiClient,
  taskId: string,
  limit: number,
  signal: AbortSignal,
): Promise<Activity> {
  return api.get(`/api/tasks/${encodeURIComponent(taskId)}/timeline`, { limit }, signal);
}
