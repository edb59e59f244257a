import { expect, test } from 'vitest';
import type { Hit } from '$lib/api/search';
import { around, groupsOf } from './groups';

const hit = (task_id: string | null, seq: number, title?: string): Hit =>
  ({ task_id, seq, title }) as Hit;

test('hits stand with their task, in the order in which they were found', () => {
  const groups = groupsOf([hit('b', 9), hit('a', 1, 'A task'), hit('b', 4), hit(null, 2)]);
  expect(groups.map(({ taskId, hits }) => [taskId, hits.map((one) => one.seq)])).toEqual([
    ['b', [9, 4]],
    ['a', [1]],
    ['', [2]],
  ]);
  expect(groups.map(({ title }) => title)).toEqual(['', 'A task', '']);
});

test('a long text is shown from the line in which the first word stands', () => {
  const text = `${'x'.repeat(300)}\nhere the Needle is\n${'y'.repeat(300)}`;
  expect(around(text, ['needle'], 30)).toBe(`… here the Needle is\n${'y'.repeat(11)}`);
  expect(around(text.replaceAll('\n', ' '), ['needle'], 30)).toBe(`… ${'x'.repeat(30)}`);
  expect(around(text, ['absent'], 30)).toBe('x'.repeat(30));
  expect(around('a needle', ['needle'], 30)).toBe('a needle');
});
