import type { ApiClient } from './client';
import { jsonLines } from './ndjson';
import type { Entry } from './types';

export interface Looked {
  readonly shown: number;
  /** Null where nobody knows yet. */
  readonly found: number | null;
  readonly searched_bytes: number;
  readonly total_bytes: number;
  readonly searched_trails: number;
  readonly total_trails: number;
}

/** An entry that was found, and the title of its task where it has one. */
export interface Hit extends Entry {
  readonly title?: string | undefined;
}

/** What was found in one task, or in a session beside its tasks. */
export interface OfTask {
  readonly type: 'task';
  readonly task_id: string | null;
  readonly hits: number;
  readonly latest: Entry;
  /** It has more hits than were counted. */
  readonly is_partial?: boolean;
}

export type SearchMessage =
  | OfTask
  | { readonly type: 'start'; readonly limit: number }
  | { readonly type: 'hit'; readonly entry: Entry; readonly title?: string }
  | ({ readonly type: 'progress' } & Looked)
  | ({
      readonly type: 'end';
      readonly ended: 'complete' | 'time' | 'stopped';
      readonly is_complete: boolean;
    } & Looked)
  | { readonly type: 'error'; readonly code: string; readonly detail: string };

const LIMIT = 300; // rows that a person may look through
const PREVIEW = 4_000; // bytes of a text, of which the part around a word is shown
const SECONDS = 30;

/** What a search over all tasks finds, as it is found; aborting the signal stops the server too. */
export async function* search(
  api: ApiClient,
  query: string,
  signal: AbortSignal,
  bounds: { readonly limit?: number; readonly seconds?: number; readonly by?: string } = {},
): AsyncGenerator<SearchMessage> {
  const asked = { q: query, limit: LIMIT, preview: PREVIEW, seconds: SECONDS, ...bounds };
  const response = await api.open('/api/search', asked, signal);
  if (response.body) yield* jsonLines<SearchMessage>(response.body);
}
