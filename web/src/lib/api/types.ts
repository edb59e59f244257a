/** The words of the API. Unknown keys survive in `fields` and `event`. */
export type Level = 'debug' | 'info' | 'warning' | 'error' | 'critical';

export type Status =
  'detected' | 'pending' | 'active' | 'completed' | 'failed' | 'cancelled' | 'blocked';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

export interface Counts {
  readonly entries?: number;
  readonly warnings?: number;
  readonly errors?: number;
}

export interface Attempt {
  readonly number: number;
  readonly status: string;
  readonly started_at: string | null;
  readonly completed_at: string | null;
  readonly worker_id: string | null;
  readonly error: string | null;
  readonly cost_micro_usd: number | null;
}

export interface Task {
  readonly task_id: string;
  readonly kind?: string | null;
  readonly title?: string | null;
  readonly status: Status;
  readonly source?: string | null;
  readonly agent?: string | null;
  readonly session_id?: string | null;
  readonly job_id?: string | null;
  readonly created_at: string | null;
  readonly started_at: string | null;
  readonly completed_at: string | null;
  readonly updated_at?: string | null;
  /** The own time of the latest entry; long before `updated_at` for what was imported. */
  readonly last_at?: string | null;
  readonly duration_seconds?: number | null;
  readonly cost_micro_usd: number | null;
  readonly pr_number?: number | null;
  readonly stage?: string | null;
  readonly percent?: number | null;
  readonly error?: string | null;
  readonly last_message?: string | null;
  readonly counts: Counts;
  readonly reported_cost_micro_usd?: number | null;
  readonly input_tokens?: number | null;
  readonly output_tokens?: number | null;
  readonly unpriced_calls?: number;
  readonly attempts?: readonly Attempt[];
  readonly as_of?: number | string | null;
}

export interface TaskPage {
  readonly tasks: readonly Task[];
  readonly total_count: number;
  readonly next_cursor: string | null;
  /** The index has not read all that is recorded: tasks may be missing. */
  readonly behind?: boolean;
}

export interface Entry {
  readonly id: string;
  readonly seq: number;
  readonly task_id: string | null;
  readonly timestamp: string;
  readonly recorded_at: string;
  readonly level: Level;
  readonly source: string;
  readonly stage: string | null;
  readonly channel: string;
  readonly event_type: string;
  readonly message: string;
  /** Bytes of the whole message, where the server shortened it. */
  readonly size?: number;
  readonly metadata?: Json;
  /** Parts that were left out or cut because they are long. */
  readonly shortened?: readonly string[];
  readonly percent: number | null;
  readonly worker_id?: string | null;
  readonly item?: string | null;
  readonly session_id?: string | null;
  readonly execution_id?: string | null;
  readonly attempt?: number | null;
  readonly fields?: Json;
  readonly event?: Json;
}

export interface LogPage {
  readonly task_id: string;
  readonly total_count: number;
  readonly logs: readonly Entry[];
  readonly next_cursor: string | null;
}

/** How many entries there are of each kind; by name, in no particular order. */
export interface LogStats {
  readonly total: number;
  readonly by_level: Readonly<Record<string, number>>;
  readonly by_source: Readonly<Record<string, number>>;
  readonly by_stage: Readonly<Record<string, number>>;
  readonly by_channel: Readonly<Record<string, number>>;
  readonly by_event_type: Readonly<Record<string, number>>;
}

export interface Bucket {
  readonly at: string;
  readonly total: number;
  readonly by_level: Readonly<Record<string, number>>;
  readonly first_seq: number | null;
  readonly last_seq: number | null;
}

/** Entries over time, in stretches of equal length. */
export interface Histogram {
  readonly total_count: number;
  readonly since: string | null;
  readonly until: string | null;
  readonly bucket_ms: number | null;
  readonly buckets: readonly Bucket[];
}

/** Filters of a task's log, by their names in the API. */
export const LOG_FILTERS = [
  'level',
  'min_level',
  'source',
  'stage',
  'channel',
  'worker_id',
  'event_type',
  'since',
  'until',
  'search',
  'q',
] as const;
export type LogFilters = { readonly [Name in (typeof LOG_FILTERS)[number]]?: string };

export interface HeadCounts {
  readonly total?: number;
  readonly by_level?: Readonly<Record<string, number>>;
}

export type FollowMessage =
  | { readonly type: 'hello'; readonly head?: number; readonly generation?: number | string }
  | { readonly type: 'batch'; readonly logs: readonly Entry[] }
  | { readonly type: 'head'; readonly counts?: HeadCounts; readonly head?: number }
  | { readonly type: 'gap'; readonly reason?: string }
  | { readonly type: 'lag'; readonly to: number }
  | { readonly type: 'end'; readonly status: string }
  | { readonly type: 'error'; readonly detail?: string; readonly message?: string };
