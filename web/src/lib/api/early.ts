import type { LogPage, Task } from './types';

declare global {
  interface Window {
    /** What app.html asked for: by its address what was said, or null where that was lost. */
    askedEarly?: Map<unknown, Promise<unknown>>;
    /** The same for a log's first rows. */
    opening?: Opening;
    /** Kept once those are painted, or soon anyway; the program begins then. */
    shown?: Promise<void>;
    /** Keys pressed so far, until the program hears them itself. */
    pressed?: KeyboardEvent[];
  }
}

/** `fetch` that first takes what the page asked for by itself; each of those answers once. */
export function withEarly(
  fetcher: typeof fetch,
  asked: Window['askedEarly'] = globalThis.window?.askedEarly,
): typeof fetch {
  return async (input, init) => {
    const said = await asked?.get(input);
    init?.signal?.throwIfAborted();
    return asked?.delete(input) && said ? read(said) : fetcher(input, init);
  };
}

/** An answer that was read while the program was loading, as JSON or as text: nobody waits for that again. */
const read = (said: unknown): Response =>
  ({
    ok: true,
    json: () => Promise.resolve(said),
    text: () => Promise.resolve(said),
  }) as Response;

/** What app.html asked for to open a log with. */
export interface Opening {
  /** The path that the product is served under. */
  readonly base: string;
  /** The task's id. */
  readonly task: string;
  /** The answer of `/open`, or null where it was lost. */
  readonly opened: Promise<Opened | null>;
  /** Seq of the entry that the address names, or 0; and the page of the log that holds it. */
  readonly linked: number;
  readonly beside: Promise<LogPage | null> | null;
  /** Has the program begin. */
  readonly drawn: () => void;
}

export interface Opened extends LogPage {
  readonly task: Task | null;
  readonly stages: readonly unknown[];
}
