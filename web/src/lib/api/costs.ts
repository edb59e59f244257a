import type { ApiClient } from './client';

/** Tokens in buckets that do not overlap; `unsorted` were told only as a sum. */
export interface Tokens {
  readonly input_uncached: number;
  readonly cache_read: number;
  readonly cache_write_5m: number;
  readonly cache_write_1h: number;
  readonly output: number;
  readonly reasoning: number;
  readonly unsorted: number;
  readonly input: number;
  readonly total: number;
}

/** What calls come to; a cost that nobody knows is null. */
export interface Figures {
  readonly calls: number;
  readonly failed_calls: number;
  readonly estimated_calls: number;
  readonly unpriced_calls: number;
  /** Calls whose time is a guess: their source told none. */
  readonly undated_calls?: number;
  readonly tokens: Tokens;
  readonly cost_micro_usd: number | null;
  readonly reported_cost_micro_usd: number;
  readonly computed_cost_micro_usd: number;
  readonly compared: {
    readonly calls: number;
    readonly reported_micro_usd: number;
    readonly computed_micro_usd: number;
  };
}

export const COST_GROUPS = ['model', 'task', 'session', 'worker', 'day'] as const;
export type CostGroup = (typeof COST_GROUPS)[number];

export interface CostRow extends Figures {
  readonly model?: string | null;
  readonly task_id?: string | null;
  readonly session_id?: string | null;
  readonly worker_id?: string | null;
  readonly day?: string | null;
  readonly title?: string | null;
  readonly status?: string | null;
  /** What the dearest models cost in it, where they were asked for. */
  readonly parts?: readonly { readonly model: string; readonly cost_micro_usd: number }[];
}

export interface Costs {
  readonly since: string | null;
  readonly until: string | null;
  readonly zone: string;
  readonly by: CostGroup | null;
  readonly total: Figures;
  /** The part that tasks took which failed. */
  readonly failed_work: Figures;
  readonly rows: readonly CostRow[];
  readonly unpriced_models: readonly {
    readonly model: string | null;
    readonly calls: number;
    readonly tokens: number;
  }[];
  readonly price_version: string | null;
  /** Why the user's own prices are not used; null where they are, or there are none. */
  readonly price_trouble?: string | null;
  readonly behind?: boolean;
}

export interface ExplainedCall {
  readonly call_id: string | null;
  readonly kind: string;
  readonly seq: number | null;
  readonly timestamp: string;
  readonly worker_id: string | null;
  readonly model: string | null;
  readonly tellings: number;
  readonly is_estimated: boolean;
  readonly success: boolean | null;
  readonly is_undated?: boolean;
  /** Tokens under names that nobody knows: `name=12`. */
  readonly unread_tokens?: string | null;
  readonly tokens: Readonly<Record<string, number | null>>;
  readonly cost_micro_usd: number | null;
  readonly reported_cost_micro_usd: number | null;
  readonly computed_cost_micro_usd: number | null;
  readonly price: { readonly source: string; readonly model: string } | null;
  readonly parts: readonly {
    readonly bucket: string;
    readonly tokens?: number | null;
    readonly usd_per_million?: string;
    readonly micro_usd: string;
  }[];
  readonly unpriced: string | null;
}

export interface CostExplanation {
  readonly task_id: string;
  readonly total: Figures;
  readonly price_version: string | null;
  readonly price_trouble?: string | null;
  readonly calls: readonly ExplainedCall[];
  readonly counted_elsewhere: readonly {
    readonly call_id: string;
    readonly seq: number;
    readonly counted_in: string;
  }[];
}

export const COST_FILTERS = ['by', 'since', 'task_id', 'session_id', 'worker_id', 'model'] as const;
export type CostQuery = { readonly [Name in (typeof COST_FILTERS)[number]]?: string };

const MODELS = 4; // more colours than that are not told apart

/** Sums by model, task, session, worker or day; days are those of the reader's zone. */
export function readCosts(api: ApiClient, query: CostQuery, signal?: AbortSignal): Promise<Costs> {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const parts = query.by === 'day' ? MODELS : null;
  return api.get('/api/costs', { by: 'model', zone, ...query, parts }, signal);
}

/** Reads costs; whoever asks the same while it is being answered gets that answer too. */
export function sharedCosts(api: ApiClient): (query: CostQuery) => Promise<Costs> {
  const asked = new Map<string, Promise<Costs>>();
  return (query) => {
    const name = JSON.stringify(query);
    const found = asked.get(name) ?? readCosts(api, query).finally(() => asked.delete(name));
    asked.set(name, found);
    return found;
  };
}

/** Every call behind a task's cost. */
export function explainCosts(
  api: ApiClient,
  taskId: string,
  signal: AbortSignal,
): Promise<CostExplanation> {
  return api.get(`/api/tasks/${encodeURIComponent(taskId)}/costs`, {}, signal);
}

/** The server's budgets, and what came nearest to each of late. */
export interface Budgets {
  readonly budgets: readonly {
    readonly per: 'task' | 'session' | 'day';
    readonly micro_usd: number;
    readonly warn_percent: number;
    /** A task or session that called a model within a day, or today; null where there is none. */
    readonly nearest: string | null;
    readonly spent_micro_usd: number;
  }[];
  /** Why the file of budgets is not used. */
  readonly trouble: string | null;
}

export function readBudgets(api: ApiClient, signal: AbortSignal): Promise<Budgets> {
  return api.get('/api/budgets', {}, signal);
}
