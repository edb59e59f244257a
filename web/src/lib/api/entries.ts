import { valuesOf } from '$lib/format/values';
import { PREVIEW_BYTES } from './logs';
import type { Entry } from './types';

/**
 * An entry as the window keeps it: what a row shows. Everything else is fetched when a person
 * opens the row, so that twelve thousand entries stay a few megabytes whatever they carry.
 */
export interface SlimEntry extends Pick<
  Entry,
  'seq' | 'timestamp' | 'level' | 'source' | 'stage' | 'event_type' | 'message' | 'percent'
> {
  /** What it says beside its kind where it has no words of its own; else empty. */
  readonly aside: string;
  /** Which undertaking a percentage is of, where the producer says so. */
  readonly progressId: string | null;
  /** What the agent's output is, where it says so: `text`, `thinking`, … */
  readonly contentType: string | null;
  /** Bytes of the whole message. Null where `message` is all of it. */
  readonly cutFrom: number | null;
}

export function slim(entry: Entry): SlimEntry {
  const isLong = entry.message.length > PREVIEW_BYTES;
  const isCut = entry.size !== undefined && entry.size > bytesOf(entry.message);
  const { seq, timestamp, level, source, stage, event_type, percent } = entry;
  return {
    ...{ seq, timestamp, level, source, stage, event_type, percent },
    message: isLong ? copyOf(entry.message.slice(0, PREVIEW_BYTES)) : entry.message,
    aside: entry.message === entry.event_type ? valuesOf(entry) : '',
    progressId: progressIdOf(entry),
    contentType: contentTypeOf(entry.fields),
    cutFrom: isLong || isCut ? (entry.size ?? bytesOf(entry.message)) : null,
  };
}

/** Whether the entry only says again what the one before it said: the same words, or more of a progress. */
export function isRepeated(before: SlimEntry, entry: SlimEntry): boolean {
  if (entry.cutFrom !== null || !ALIKE.every((name) => before[name] === entry[name])) return false;
  if (!LINES.has(entry.event_type)) return false;
  const isProgress = typeof entry.percent === 'number';
  if (isProgress !== (typeof before.percent === 'number')) return false;
  return (isProgress && entry.progressId !== null) || before.message === entry.message;
}

const ALIKE = ['source', 'stage', 'level', 'event_type', 'progressId'] as const;
const LINES = new Set(['task:log', 'task:progress']);

function progressIdOf({ metadata, event }: Entry): string | null {
  const sent = event as { readonly data?: unknown } | null | undefined;
  for (const said of [metadata, sent?.data, sent]) {
    const id = (said as Record<string, unknown> | null | undefined)?.progress_id;
    if (typeof id === 'string' || typeof id === 'number') return String(id);
  }
  return null;
}

function contentTypeOf(fields: unknown): string | null {
  if (typeof fields !== 'object' || fields === null) return null;
  const { type, content_type: other } = fields as Record<string, unknown>;
  if (typeof type === 'string') return type;
  return typeof other === 'string' ? other : null;
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** The text on its own: a slice would keep all of the long text it was cut from. */
function copyOf(text: string): string {
  return new TextDecoder().decode(new TextEncoder().encode(text));
}
