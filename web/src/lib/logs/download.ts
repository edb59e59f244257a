import { textOf } from '$lib/api/exactJson';
import type { TaskLogs } from '$lib/api/logs';
import type { Entry, LogFilters } from '$lib/api/types';
import { archiveOf, pagesOf } from '$lib/api/wholeEntries';
import { counted, formatBytes, formatCount } from '$lib/format/bytes';
import { lineOf } from '$lib/format/entryText';

/**
 * Saves a log's entries whole, page by page: into the file that a person chose where the browser
 * lets a page write, else gathered and saved at the end. Nothing is shortened or left out.
 */
export type Format = 'jsonl' | 'txt';

/** Who hears how far it is, and who says that it is to stop. */
export interface Saving {
  readonly told: (progress: string) => void;
  readonly signal: AbortSignal;
}

interface Sink {
  write(part: string | Uint8Array<ArrayBuffer>): Promise<unknown>;
  close(): Promise<unknown>;
  abort(): Promise<unknown>;
}

interface Picker {
  showSaveFilePicker?(options: {
    suggestedName: string;
  }): Promise<{ createWritable(): Promise<Sink> }>;
}

const TYPES = {
  jsonl: 'application/x-ndjson',
  txt: 'text/plain',
  zip: 'application/zip',
} as const;

export const nameOf = (taskId: string, format: keyof typeof TYPES): string =>
  `${taskId.replace(/[^\w.-]+/g, '_')}.${format}`;

const partOf = (entries: readonly Entry[], format: Format): string =>
  entries.map((entry) => `${format === 'txt' ? lineOf(entry) : oneLine(entry)}\n`).join('');

/** The entry as one line of JSON, its numbers as they were sent. */
const oneLine = (entry: Entry): string => JSON.stringify(entry) ?? textOf(entry);

/** Saves the entries, and says how many; null where the person chose no file after all. */
export function download(
  logs: TaskLogs,
  filters: LogFilters,
  format: Format,
  { told, signal }: Saving,
): Promise<string | null> {
  return into(logs.taskId, format, async (sink) => {
    let saved = 0;
    for await (const page of pagesOf(logs, filters, {}, signal)) {
      await sink.write(partOf(page.logs, format));
      saved += page.logs.length;
      told(`${formatCount(saved)} of ${formatCount(Math.max(saved, page.total_count))}`);
    }
    return counted(saved, 'entry', 'entries');
  });
}

/** The same with all files of the trail as they stand on the server's disk, in one archive. */
export function downloadArchive(logs: TaskLogs, { told, signal }: Saving): Promise<string | null> {
  return into(logs.taskId, 'zip', async (sink) => {
    const reader = (await archiveOf(logs, signal)).body?.getReader();
    let saved = 0;
    for (let read = await reader?.read(); read?.value; read = await reader?.read()) {
      await sink.write(read.value);
      saved += read.value.length;
      told(formatBytes(saved));
    }
    return formatBytes(saved);
  });
}

async function into(
  taskId: string,
  type: keyof typeof TYPES,
  fill: (sink: Sink) => Promise<string>,
): Promise<string | null> {
  const sink = await sinkFor(nameOf(taskId, type), TYPES[type]);
  if (!sink) return null;
  let saved: string;
  try {
    saved = await fill(sink);
  } catch (error) {
    await sink.abort();
    throw error;
  }
  await sink.close();
  return saved;
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
