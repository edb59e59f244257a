import { expect, it } from 'vitest';
import { formatCost, wordsOfSum } from './cost';

it.each([
  [null, '–'],
  [undefined, '–'],
  [0, '$0.00'],
  [420_000, '$0.42'],
  [1_234_560_000, '$1,234.56'],
  [1_005_000, '$1.01'],
  [3_100, '$0.0031'],
  [12, '<$0.0001'],
])('%s → %s', (cost, expected) => {
  expect(formatCost(cost)).toBe(expected);
});

it('says what a sum leaves out', () => {
  expect(wordsOfSum(null)).toBe('no price is known');
  expect(wordsOfSum(250_000, 1)).toContain('without a price are left out');
  expect(wordsOfSum(250_000)).toBe('estimated or reported');
});
