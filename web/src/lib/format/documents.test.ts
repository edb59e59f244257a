import { expect, test } from 'vitest';
import { fieldsOf, figureOf, shown, textIn, without } from './documents';

test('only an object has fields', () => {
  expect(fieldsOf({ a: 1 })).toEqual({ a: 1 });
  for (const other of [null, undefined, 'text', 7, [1]]) expect(fieldsOf(other)).toEqual({});
});

test('the first text that is not blank is taken, other values are passed over', () => {
  const fields = { result: '  ', summary: 42, message: 'done' };
  expect(textIn(fields, 'result', 'summary', 'message')).toBe('done');
  expect(textIn(fields, 'result', 'summary')).toBeNull();
});

test('keys are taken out and the rest stays in order', () => {
  expect(Object.keys(without({ a: 1, b: 2, c: 3 }, 'b'))).toEqual(['a', 'c']);
});

test('a text is shown as it is and any other value as JSON', () => {
  expect(shown('a\nb')).toBe('a\nb');
  expect(shown({ a: [1] })).toBe('{\n  "a": [\n    1\n  ]\n}');
});

test('a figure stands with the unit that its name ends with', () => {
  expect(figureOf('cost_usd', 0.136)).toEqual({ name: 'cost', value: '$0.136' });
  expect(figureOf('duration_seconds', 7.46)).toEqual({ name: 'duration', value: '7.46 s' });
  expect(figureOf('queue_ms', 12)).toEqual({ name: 'queue', value: '12 ms' });
  expect(figureOf('input_tokens', 160_340)).toEqual({ name: 'input tokens', value: '160,340' });
  expect(figureOf('seconds', 'unknown')).toEqual({ name: 'seconds', value: 'unknown' });
});
