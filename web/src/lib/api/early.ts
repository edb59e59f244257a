declare global {
  interface Window {
    /** What app.html asked for, by its address. */
    askedEarly?: Map<unknown, Promise<Response | null>>;
  }
}

/** `fetch` that first takes what the page asked for by itself; each of those answers once. */
export function withEarly(
  fetcher: typeof fetch,
  asked: Window['askedEarly'] = globalThis.window?.askedEarly,
): typeof fetch {
  return async (input, init) => {
    const answer = asked?.get(input);
    if (!answer) return fetcher(input, init);
    asked?.delete(input);
    const response = await answer;
    init?.signal?.throwIfAborted();
    return response ?? fetcher(input, init); // that one was lost
  };
}
