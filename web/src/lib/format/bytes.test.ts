import { expect, it } from 'vitest';
import { formatBytes, formatCount } from './bytes';

it.each([
  [0, '0 B'],
  [999, '999 B'],
  [1_000, '1.0 kB'],
  [1_449_000, '1.4 MB'],
  [999_600, '1.0 MB'],
  [123_456_789, '123 MB'],
  [5e15, '5000 TB'],
])('%s → %s', (bytes, expected) => {
  expect(formatBytes(bytes)).toBe(expected);
});

it.each([0, 12, 123, 1_234, -123, -1_234, 1_234_567, 1_234.5, 999_999.9996, 0.0004, 1e15])(
  'groups the thousands of %s as browsers do',
  (count) => {
    expect(formatCount(count)).toBe(count.toLocaleString('en-US'));
  },
);
