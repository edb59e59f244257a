import { expect, test } from 'vitest';
import type { Entry, Json } from '$lib/api/types';
import { itemsOf, type ToolUse } from './items';

const at = (seconds: number): string => new Date(seconds * 1_000).toISOString();

function entry(seq: number, type: string, message: string, more: Partial<Entry> = {}): Entry {
  return {
    ...{ id: `e${seq}`, seq, task_id: 't', timestamp: at(seq), recorded_at: at(seq) },
    ...{ level: 'info', source: 'agent', stage: null, percent: null, worker_id: null },
    ...{ channel: 'agent_output', event_type: `task:${type}`, message, fields: { type } },
    ...more,
  };
}

const call = (seq: number, name: string, id?: string, more: Partial<Entry> = {}): Entry =>
  entry(seq, 'tool_call', name, {
    fields: { type: 'tool_call', tool_name: name, tool_input: '{"command":"ls\\n-l"}' },
    event: id ? { data: { _tool_use_id: id } } : {},
    ...more,
  });

const result = (
  seq: number,
  name: string,
  id?: string,
  fields: { [key: string]: Json } = {},
): Entry =>
  entry(seq, 'tool_result', `out ${seq}`, {
    fields: { type: 'tool_result', tool_name: name, ...fields },
    event: id ? { data: { _tool_use_id: id } } : {},
  });

const outputs = (items: ReturnType<typeof itemsOf>): (string | null)[] =>
  items.map((item) => (item as ToolUse).output);

test('results that come in another order go to the calls with their ids', () => {
  const items = itemsOf([
    call(1, 'Bash', 'a'),
    call(2, 'Bash', 'b'),
    result(3, 'Bash', 'b'),
    result(4, 'Bash', 'a'),
  ]);
  expect(outputs(items)).toEqual(['out 4', 'out 3']);
});

test('a result without an id goes to the only call that waits for one', () => {
  const items = itemsOf([call(1, 'Bash', 'a'), call(2, 'Read', 'b'), result(3, 'Bash')]);
  expect(outputs(items)).toEqual(['out 3', null]);
});

test('a result that may belong to two calls stands alone', () => {
  const items = itemsOf([call(1, 'Bash'), call(2, 'Bash'), result(3, 'Bash')]);
  expect(outputs(items)).toEqual([null, null, 'out 3']);
});

test('a result of an id that no call has is given to no call with another id', () => {
  const items = itemsOf([call(1, 'Bash', 'a'), result(2, 'Bash', 'z')]);
  expect(outputs(items)).toEqual([null, 'out 2']);
});

test('a call of another worker is another call', () => {
  const items = itemsOf([call(1, 'Bash', undefined, { worker_id: 'w-2' }), result(2, 'Bash')]);
  expect(outputs(items)).toEqual([null, 'out 2']);
});

test('a call says how long it took, how it ended, and in a line what it did', () => {
  const [item] = itemsOf([call(1, 'Bash', 'a'), result(5, 'Bash', 'a', { is_error: true })]);
  expect(item).toMatchObject({ name: 'Bash', headline: 'ls', seconds: 4, isError: true });
});

test('what is said keeps its kind', () => {
  const user = entry(4, 'user_input', 'go on', { channel: 'user_inputs', fields: {} });
  const items = itemsOf([
    entry(1, 'thinking', 'hm'),
    entry(2, 'output', 'hello'),
    entry(3, 'raw_output', 'all of it'),
    user,
  ]);
  expect(items.map((item) => item.kind)).toEqual(['thinking', 'text', 'raw', 'user']);
});

test('an input that is no JSON is shown as it came', () => {
  const odd = call(1, 'Bash', 'a', { fields: { tool_name: 'Bash', tool_input: '{"cut off' } });
  expect(itemsOf([odd])[0]).toMatchObject({ input: '{"cut off', headline: '{"cut off' });
});
