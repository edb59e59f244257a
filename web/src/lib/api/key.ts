/** The key of a server that wants one, kept in this browser and sent to that server alone. */
const NAME = 'tasktrail.key';
const PROTOCOL = 'tasktrail';

export function readKey(): string | null {
  try {
    return localStorage.getItem(NAME);
  } catch {
    return null; // storage is closed to us
  }
}

/** Keeps the key; an empty one is forgotten. */
export function keepKey(key: string): void {
  try {
    if (key) localStorage.setItem(NAME, key);
    else localStorage.removeItem(NAME);
  } catch {
    // Storage is closed to us: without a place to keep it there is no key.
  }
}

/** The bytes of UTF-8, one letter each: a header carries no other letters. */
const bytesOf = (key: string): string => String.fromCharCode(...new TextEncoder().encode(key));

/** `fetch` that shows the key where there is one. */
export function withKey(fetcher: typeof fetch, key: () => string | null = readKey): typeof fetch {
  return (input, init) => {
    const known = key();
    if (!known) return fetcher(input, init);
    const headers = new Headers(init?.headers);
    headers.set('authorization', `Bearer ${bytesOf(known)}`);
    return fetcher(input, { ...init, headers });
  };
}

/** What a WebSocket says instead of a header; nothing without a key. */
export function protocolsOf(key: string | null): string[] {
  if (!key) return [];
  const encoded = btoa(bytesOf(key)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  return [PROTOCOL, `${PROTOCOL}.bearer.${encoded}`];
}
