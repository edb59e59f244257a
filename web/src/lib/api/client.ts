/** One way to the API: addresses below a base path, answers as JSON, errors as `Problem`. */
export type Parameters = Readonly<Record<string, string | number | null | undefined>>;

/** A stretch of a typed query, in characters. */
export interface Mistake {
  readonly position: number;
  readonly length: number;
}

/** What went wrong with a request, in words for a person. `status` 0: no answer came. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    /** Where in a typed query the mistake is, and how long. */
    readonly mistake: Mistake | null = null,
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

  /** The same, where a 503 also carries what is known. */
  async getAnyway<T>(path: string, signal: AbortSignal): Promise<T> {
    const response = await this.#send(path, {}, signal);
    if (!response.ok && response.status !== 503) throw await problemOf(response);
    return (await response.json()) as T;
  }

  /** What is known as plain text, where the address answers in that form too. */
  async getPlain(path: string, signal: AbortSignal): Promise<string> {
    return (await this.#send(path, {}, signal, { accept: 'text/plain' })).text();
  }

  /** The same, as the text that was sent. */
  async getText(path: string, parameters: Parameters, signal?: AbortSignal): Promise<string> {
    return (await this.#ask(path, parameters, signal)).text();
  }

  /** The answer itself, for what is read while it comes; `range` asks for a part: `bytes=0-99`. */
  open(
    path: string,
    parameters: Parameters,
    signal?: AbortSignal,
    range?: string,
  ): Promise<Response> {
    return this.#ask(path, parameters, signal, range);
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

  async #ask(
    path: string,
    parameters: Parameters,
    signal?: AbortSignal,
    range?: string,
  ): Promise<Response> {
    const response = await this.#send(path, parameters, signal, range ? { range } : {});
    if (!response.ok) throw await problemOf(response);
    return response;
  }

  async #send(
    path: string,
    parameters: Parameters,
    signal?: AbortSignal,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Response> {
    try {
      return await this.#fetch(this.url(path, parameters), {
        headers: { accept: 'application/json', ...headers },
        signal: signal ?? null,
      });
    } catch (error) {
      if (signal?.aborted) throw error;
      throw new Problem(0, 'unreachable', 'The server cannot be reached.');
    }
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

interface Said extends Mistake {
  readonly code: string;
  readonly detail: string;
  readonly title: string;
}

async function problemOf(response: Response): Promise<Problem> {
  const fallback = `The server answered ${response.status} ${response.statusText}`.trim();
  try {
    const said = (await response.json()) as Partial<Said>;
    const { code = 'unknown', detail, title, position, length } = said;
    const mistake = position === undefined ? null : { position, length: length ?? 1 };
    return new Problem(response.status, code, detail ?? title ?? fallback, mistake);
  } catch {
    return new Problem(response.status, 'unknown', fallback);
  }
}

const UNAUTHORIZED = 401;
export const NEEDS_KEY = 'This server wants a key. Type it under Settings. (401)';

/** A sentence for the person who waits. */
export function wordsOf(error: unknown): string {
  if (error instanceof Problem && error.status === UNAUTHORIZED) return NEEDS_KEY;
  if (error instanceof Problem && error.status > 0) return `${error.message} (${error.status})`;
  return error instanceof Error ? error.message : String(error);
}
