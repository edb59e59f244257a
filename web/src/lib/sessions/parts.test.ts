import { expect, it } from 'vitest';
import { formatPart } from './parts';

it('shows no part of a cost that nobody knows', () => {
  expect(formatPart(0, { cost_micro_usd: null })).toBe('–');
  expect(formatPart(0, { cost_micro_usd: 420_000 })).toBe('$0.00');
});
