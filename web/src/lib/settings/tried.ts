import { ApiClient, Problem } from '$lib/api/client';
import { withKey } from '$lib/api/key';

/** Whether the server takes a key; null where it did not say. */
export async function isTaken(
  key: string,
  base: string,
  fetcher: typeof fetch = fetch.bind(globalThis),
): Promise<boolean | null> {
  const api = new ApiClient(
    base,
    location.origin,
    withKey(fetcher, () => key),
  );
  try {
    await api.get('/api/tasks', { limit: 1 });
    return true;
  } catch (error) {
    return error instanceof Problem && error.status === 401 ? false : null;
  }
}

/** What is said of the key that is kept. */
export function wordsOfKept(isTaken: boolean | null): string {
  if (isTaken === null) return 'A key is kept; whether the server takes it is not known yet.';
  return isTaken
    ? '✓ A key is kept, and the server takes it.'
    : '✕ The server refuses the key that is kept.';
}
