import { expect, test } from 'vitest';
import { fieldsOf, shown, textIn, without } from './documents';

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
