/** One way to the API: addresses below a base path, answers as JSON, errors as `Problem`. */
export type Parameters = Readonly<Record<string, string | number | null | undefined>>;

/** What went wrong with a request, in words for a person. `status` 0: no answer came. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = 'Problem';
  }
}

export class ApiClient {
  #base: string;
  #origin: string;
  #fetch: typeof fetch;

  /** `base` is the path the product is served under, without a slash at its end. */
  constructor(base: string, origin: string, fetcher: typeof fetch) {
    this.#base = base;
    this.#origin = origin;
    this.#fetch = fetcher;
  }

  /** The answer to a GET; raises Problem, or AbortError when `signal` says so. */
  async get<T>(path: string, parameters: Parameters = {}, signal?: AbortSignal): Promise<T> {
    return (await (await this.#ask(path, parameters, signal)).json()) as T;
  }

  /** The same, as the text that was sent. */
  async getText(path: string, parameters: Parameters, signal?: AbortSignal): Promise<string> {
    return (await this.#ask(path, parameters, signal)).text();
  }

  url(path: string, parameters: Parameters): string {
    return this.#base + path + queryOf(parameters);
  }

  /** The address of a WebSocket. */
  socketUrl(path: string, parameters: Parameters): string {
    const url = new URL(this.url(path, parameters), this.#origin);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    return url.href;
  }

  async #ask(path: string, parameters: Parameters, signal?: AbortSignal): Promise<Response> {
    let response: Response;
    try {
      response = await this.#fetch(this.url(path, parameters), {
        headers: { accept: 'application/json' },
        signal: signal ?? null,
      });
    } catch (error) {
      if (signal?.aborted) throw error;
      throw new Problem(0, 'unreachable', 'The server cannot be reached.');
    }
    if (!response.ok) throw await problemOf(response);
    return response;
  }
}

/** `?a=1&b=2` of the parameters that have a value, or nothing. */
export function queryOf(parameters: Parameters): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== null && value !== undefined && value !== '') query.set(name, String(value));
  }
  const text = query.toString();
  return text ? `?${text}` : '';
}

async function problemOf(response: Response): Promise<Problem> {
  const fallback = `The server answered ${response.status} ${response.statusText}`.trim();
  try {
    const said = (await response.json()) as { code?: string; detail?: string; title?: string };
    return new Problem(
      response.status,
      said.code ?? 'unknown',
      said.detail ?? said.title ?? fallback,
    );
  } catch {
    return new Problem(response.status, 'unknown', fallback);
  }
}

/** A sentence for the person who waits. */
export function wordsOf(error: unknown): string {
  if (error instanceof Problem && error.status > 0) return `${error.message} (${error.status})`;
  return error instanceof Error ? error.message : String(error);
}
