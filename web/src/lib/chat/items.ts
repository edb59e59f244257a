import type { Entry } from '$lib/api/types';
import { fieldsOf, shown, textIn } from '$lib/format/documents';
import { withoutSpecial } from '$lib/format/special';

/**
 * A conversation out of its entries: what was said, thought and answered, and each call of a tool
 * with its result.
 *
 * A result belongs to the call that has its id. Where it came without one, it belongs to the call
 * of that tool by the same worker that waits, if there is exactly one; else it stands alone, so
 * that nothing is put together that may not belong together.
 */
export interface Said {
  readonly kind: 'text' | 'thinking' | 'raw' | 'user';
  readonly entry: Entry;
  readonly text: string;
}

export interface ToolUse {
  readonly kind: 'tool';
  /** Where it stands: the call, or a result whose call is not known. */
  readonly entry: Entry;
  readonly name: string;
  /** The one thing of the input that says most. */
  readonly headline: string;
  readonly input: string | null;
  readonly result: Entry | null;
  readonly output: string | null;
  readonly isError: boolean;
  readonly seconds: number | null;
  /** Its id, where it was told. */
  readonly callId: string | null;
}

export type Item = Said | ToolUse;

const HEADLINES = ['command', 'file_path', 'path', 'pattern', 'query', 'url', 'description'];
const KINDS: Readonly<Record<string, Said['kind']>> = {
  'task:thinking': 'thinking',
  'task:raw_output': 'raw',
  'task:user_input': 'user',
};

export function itemsOf(entries: readonly Entry[]): readonly Item[] {
  const items: Item[] = [];
  const waiting: { call: Entry; place: number }[] = [];
  for (const entry of entries) {
    const type = typeOf(entry);
    if (type === 'task:tool_call') {
      waiting.push({ call: entry, place: items.length });
      items.push(toolUse(entry, null));
    } else if (type === 'task:tool_result') {
      const at = callOf(waiting, entry);
      const found = at === null ? undefined : waiting.splice(at, 1)[0];
      if (found) items[found.place] = toolUse(found.call, entry);
      else items.push(toolUse(null, entry));
    } else items.push(said(entry, type));
  }
  return items;
}

/** What it is, also where only the line of the agent's output says so. */
function typeOf(entry: Entry): string {
  const type = fieldsOf(entry.fields).type;
  if (entry.channel === 'user_inputs') return 'task:user_input';
  return entry.channel === 'agent_output' && typeof type === 'string'
    ? `task:${type}`
    : entry.event_type;
}

function said(entry: Entry, type: string): Said {
  return { kind: KINDS[type] ?? 'text', entry, text: entry.message };
}

function callOf(waiting: readonly { call: Entry }[], result: Entry): number | null {
  const id = idOf(result);
  if (id !== null) {
    const at = waiting.findIndex(({ call }) => idOf(call) === id);
    if (at >= 0) return at;
  }
  const name = toolOf(result);
  const fits = waiting.flatMap(({ call }, at) => {
    const isOther = id !== null && idOf(call) !== null; // both have ids, and not the same
    const isSame = toolOf(call) === name && call.worker_id === result.worker_id;
    return isSame && !isOther ? [at] : [];
  });
  return fits.length === 1 ? (fits[0] ?? null) : null;
}

function toolUse(call: Entry | null, result: Entry | null): ToolUse {
  const entry = (call ?? result) as Entry;
  const input = call ? inputOf(call) : null;
  return {
    kind: 'tool',
    entry,
    name: withoutSpecial(toolOf(entry) ?? 'tool'),
    headline: headlineOf(input),
    input: input === null ? null : shown(input),
    result,
    output: result ? result.message : null,
    isError: result !== null && isFailure(result),
    seconds: call && result ? secondsOf(call, result) : null,
    callId: idOf(entry),
  };
}

function isFailure(result: Entry): boolean {
  return fieldsOf(result.fields).is_error === true || result.level === 'error';
}

function idOf(entry: Entry): string | null {
  const told = fieldsOf(fieldsOf(entry.event).data);
  return (
    textIn(told, '_tool_use_id', 'tool_use_id') ?? textIn(fieldsOf(entry.fields), 'tool_use_id')
  );
}

function toolOf(entry: Entry): string | null {
  return textIn(fieldsOf(entry.fields), 'tool_name', 'name');
}

function inputOf(call: Entry): unknown {
  const { tool_input: input } = fieldsOf(call.fields);
  if (typeof input !== 'string') return input ?? call.message;
  try {
    return JSON.parse(input) as unknown;
  } catch {
    return input;
  }
}

function headlineOf(input: unknown): string {
  const text = textIn(fieldsOf(input), ...HEADLINES) ?? (typeof input === 'string' ? input : '');
  return text.split('\n', 1)[0] ?? '';
}

function secondsOf(call: Entry, result: Entry): number | null {
  const seconds = (Date.parse(result.timestamp) - Date.parse(call.timestamp)) / 1_000;
  return Number.isNaN(seconds) || seconds <= 0 ? null : seconds; // no time, or two clocks
}
