import type { Entry } from '$lib/api/types';
import { fieldsOf, textIn } from '$lib/format/documents';

/** Something that a worker did: from when to when, and what. */
export interface Deed {
  readonly kind: 'api' | 'tool' | 'said' | 'user' | 'knowledge';
  readonly startMs: number;
  readonly endMs: number;
  readonly words: string;
  readonly isFailed: boolean;
  readonly seq: number;
}

export interface Lane {
  /** Empty where nobody said who. */
  readonly worker: string;
  readonly deeds: readonly Deed[];
}

const KINDS: Readonly<Record<string, Deed['kind']>> = {
  'task:api_call': 'api',
  'task:user_input': 'user',
  'knowledge:query': 'knowledge',
  'knowledge:tool_call': 'knowledge',
};

/** A lane for each worker, in the order in which they were first heard of. */
export function lanesOf(entries: readonly Entry[]): readonly Lane[] {
  const lanes = new Map<string, Deed[]>();
  const open = new Map<string, Entry[]>();
  for (const entry of entries) {
    const worker = entry.worker_id ?? '';
    const deeds = lanes.get(worker) ?? [];
    lanes.set(worker, deeds);
    const type = typeOf(entry);
    if (type === 'task:tool_call') push(open, worker, entry);
    else if (type === 'task:tool_result') deeds.push(toolUse(take(open, worker, entry), entry));
    else deeds.push(...deedOf(type, entry));
  }
  for (const [worker, calls] of open) {
    for (const call of calls) lanes.get(worker)?.push(toolUse(call, call));
  }
  return [...lanes].map(([worker, deeds]) => ({
    worker,
    deeds: deeds.filter(({ startMs }) => !Number.isNaN(startMs)).sort(byStart),
  }));
}

const byStart = (a: Deed, b: Deed): number => a.startMs - b.startMs;

function typeOf(entry: Entry): string {
  const { type } = fieldsOf(entry.fields);
  return entry.channel === 'agent_output' && typeof type === 'string'
    ? `task:${type}`
    : entry.event_type;
}

function deedOf(type: string, entry: Entry): Deed[] {
  const kind = KINDS[type] ?? (entry.channel === 'agent_output' ? 'said' : null);
  if (!kind || type === 'task:raw_output') return [];
  const endMs = Date.parse(entry.timestamp);
  const fields = fieldsOf(entry.fields);
  const took = kind === 'api' && typeof fields.duration_ms === 'number' ? fields.duration_ms : 0;
  const model = textIn(fields, 'model');
  const words = kind === 'api' ? (model ?? 'a model') : firstLine(entry);
  return [
    {
      ...{ kind, startMs: endMs - took, endMs, words, seq: entry.seq },
      isFailed: entry.level === 'error' || fields.success === false,
    },
  ];
}

function toolUse(call: Entry | null, result: Entry): Deed {
  const from = call ?? result;
  const [startMs, endMs] = [Date.parse(from.timestamp), Date.parse(result.timestamp)];
  const fields = fieldsOf(result.fields);
  return {
    kind: 'tool',
    startMs: Math.min(startMs, endMs),
    endMs,
    words: call === result ? `${firstLine(from)}, no result` : firstLine(from),
    isFailed: fields.is_error === true || result.level === 'error',
    seq: from.seq,
  };
}

const firstLine = (entry: Entry): string => entry.message.split('\n', 1)[0]?.slice(0, 120) ?? '';

function push(open: Map<string, Entry[]>, worker: string, call: Entry): void {
  const calls = open.get(worker) ?? [];
  calls.push(call);
  open.set(worker, calls);
}

/** The call that the result belongs to: of that name where there is one, else the oldest. */
function take(open: Map<string, Entry[]>, worker: string, result: Entry): Entry | null {
  const calls = open.get(worker) ?? [];
  const name = toolOf(result);
  const at = calls.findIndex((call) => toolOf(call) === name);
  return calls.splice(Math.max(0, at), 1)[0] ?? null;
}

const toolOf = (entry: Entry): string | null => textIn(fieldsOf(entry.fields), 'tool_name', 'name');

/** Deeds that stand at one pixel are drawn as one, so that a lane of any length stays cheap. */
export function thinned(
  deeds: readonly Deed[],
  placeOf: (ms: number) => number,
  most: number,
): readonly (Deed & { readonly count: number })[] {
  const cells = new Map<string, Deed & { count: number }>();
  for (const deed of deeds) {
    const cell = `${deed.kind}${Math.round((placeOf(deed.startMs) / 100) * most)}`;
    const other = cells.get(cell);
    if (!other) cells.set(cell, { ...deed, count: 1 });
    else {
      const isFailed = other.isFailed || deed.isFailed;
      const endMs = Math.max(other.endMs, deed.endMs);
      cells.set(cell, { ...other, endMs, isFailed, count: other.count + 1 });
    }
  }
  return [...cells.values()];
}
