import { Problem, type ApiClient } from './client';
import type { Json } from './types';

export interface TrailFile {
  readonly name: string;
  readonly kind: string;
  readonly size: number;
}

/** A task's files, and the addresses to save them from. */
export class TaskFiles {
  #api: ApiClient;
  #path: string;

  constructor(api: ApiClient, taskId: string) {
    this.#api = api;
    this.#path = `/api/tasks/${encodeURIComponent(taskId)}/files`;
  }

  async list(signal: AbortSignal): Promise<readonly TrailFile[]> {
    return (await this.#api.get<{ files: TrailFile[] }>(this.#path, {}, signal)).files;
  }

  urlOf(name: string): string {
    return this.#api.url(`${this.#path}/${encodeURIComponent(name)}`, {});
  }

  /** All of them in one archive. */
  get archiveUrl(): string {
    return this.#api.url(`${this.#path}.zip`, {});
  }

  async archive(): Promise<Blob> {
    return (await this.#api.open(`${this.#path}.zip`, {})).blob();
  }

  /** The whole file, for servers whose key a link cannot show. */
  async bytes(name: string): Promise<Blob> {
    const path = `${this.#path}/${encodeURIComponent(name)}`;
    return (await this.#api.open(path, {})).blob();
  }

  /** Documents of the trail, each null where there is none. */
  async documents(names: readonly string[], signal: AbortSignal): Promise<Json[]> {
    const there = new Set((await this.list(signal)).map(({ name }) => name));
    return Promise.all(
      names.map((name) => (there.has(name) ? this.#document(name, signal) : null)),
    );
  }

  async #document(name: string, signal: AbortSignal): Promise<Json> {
    try {
      return await this.#api.get<Json>(`${this.#path}/${encodeURIComponent(name)}`, {}, signal);
    } catch (error) {
      if (error instanceof Problem && error.code === 'file_not_found') return null;
      throw error;
    }
  }
}
