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

it('groups thousands', () => {
  expect(formatCount(1_234_567)).toBe('1,234,567');
});
