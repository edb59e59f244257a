import { textOf } from '$lib/api/exactJson';
import type { TaskLogs } from '$lib/api/logs';
import type { Entry, LogFilters } from '$lib/api/types';
import { lineOf } from '$lib/format/entryText';

/**
 * Saves a log's entries whole, page by page: into the file that a person chose where the browser
 * lets a page write, else gathered and saved at the end. Nothing is shortened or left out.
 */
export type Format = 'jsonl' | 'txt';

export interface Progress {
  readonly saved: number;
  readonly total: number;
}

interface Sink {
  write(part: string): Promise<unknown>;
  close(): Promise<unknown>;
  abort(): Promise<unknown>;
}

interface Picker {
  showSaveFilePicker?(options: {
    suggestedName: string;
  }): Promise<{ createWritable(): Promise<Sink> }>;
}

const TYPES: Readonly<Record<Format, string>> = {
  jsonl: 'application/x-ndjson',
  txt: 'text/plain',
};

export const nameOf = (taskId: string, format: Format): string =>
  `${taskId.replace(/[^\w.-]+/g, '_')}.${format}`;

const partOf = (entries: readonly Entry[], format: Format): string =>
  entries.map((entry) => `${format === 'txt' ? lineOf(entry) : oneLine(entry)}\n`).join('');

/** The entry as one line of JSON, its numbers as they were sent. */
const oneLine = (entry: Entry): string => JSON.stringify(entry) ?? textOf(entry);

/** Saves the entries; `false` where the person chose no file after all. */
export async function download(
  logs: TaskLogs,
  filters: LogFilters,
  format: Format,
  { told, signal }: { told: (progress: Progress) => void; signal: AbortSignal },
): Promise<boolean> {
  const sink = await sinkFor(nameOf(logs.taskId, format), TYPES[format]);
  if (!sink) return false;
  let saved = 0;
  try {
    for await (const page of logs.pages(filters, {}, signal)) {
      await sink.write(partOf(page.logs, format));
      saved += page.logs.length;
      told({ saved, total: Math.max(saved, page.total_count) });
    }
  } catch (error) {
    await sink.abort();
    throw error;
  }
  await sink.close();
  return true;
}

async function sinkFor(name: string, type: string): Promise<Sink | null> {
  const picker = window as Picker;
  if (!picker.showSaveFilePicker) return gathering(name, type);
  try {
    return await (await picker.showSaveFilePicker({ suggestedName: name })).createWritable();
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return null;
    return gathering(name, type);
  }
}

/** Keeps all parts, and hands them to the browser's own saving at the end. */
function gathering(name: string, type: string): Sink {
  const parts: Blob[] = [];
  return {
    write: (part) => Promise.resolve(parts.push(new Blob([part]))),
    abort: () => Promise.resolve(parts.splice(0)),
    close: () => {
      const url = URL.createObjectURL(new Blob(parts, { type }));
      Object.assign(document.createElement('a'), { href: url, download: name }).click();
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
      return Promise.resolve();
    },
  };
}
