import { expect, test } from 'vitest';
import { readingsOf } from './exposition';

test('figures have their words and their kind', () => {
  const text = [
    '# HELP tasktrail_gap_total Places where events are missing',
    '# TYPE tasktrail_gap_total counter',
    'tasktrail_gap_total 3.0',
    'tasktrail_gap_created 1.7e+09',
    '# TYPE other gauge',
    'other 5',
    'tasktrail_broken x',
  ].join('\n');

  expect(readingsOf(text)).toEqual([
    { name: 'gap', help: 'Places where events are missing', kind: 'counter', value: 3 },
  ]);
});
