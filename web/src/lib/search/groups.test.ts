import { expect, test } from 'vitest';
import type { Entry } from '$lib/api/types';
import { groupsOf } from './groups';

const hit = (task_id: string | null, seq: number): Entry => ({ task_id, seq }) as Entry;

test('hits stand with their task, in the order in which they were found', () => {
  const groups = groupsOf([hit('b', 9), hit('a', 1), hit('b', 4), hit(null, 2)]);
  expect(groups.map(({ taskId, hits }) => [taskId, hits.map((one) => one.seq)])).toEqual([
    ['b', [9, 4]],
    ['a', [1]],
    ['', [2]],
  ]);
});
