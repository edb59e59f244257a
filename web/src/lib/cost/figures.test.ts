import { expect, test } from 'vitest';
import type { Figures } from '$lib/api/costs';
import { comparedWords, factsOf, shareOf, toldWords } from './figures';

function figures(more: Partial<Figures> = {}): Figures {
  return {
    ...{ calls: 3, failed_calls: 0, estimated_calls: 0, unpriced_calls: 0 },
    tokens: {
      ...{ input_uncached: 1, cache_read: 90, cache_write_5m: 9, cache_write_1h: 0 },
      ...{ output: 20, reasoning: 5, unsorted: 0, input: 100, total: 125 },
    },
    ...{ cost_micro_usd: 420_000, reported_cost_micro_usd: 0, computed_cost_micro_usd: 420_000 },
    compared: { calls: 0, reported_micro_usd: 0, computed_micro_usd: 0 },
    ...more,
  };
}

const valueOf = (total: Figures, name: string): string | undefined =>
  factsOf(total).find((fact) => fact.name === name)?.value;

test('a sum that leaves calls out says so', () => {
  expect(valueOf(figures(), 'Cost')).toBe('$0.42');
  const partial = figures({ unpriced_calls: 2 });
  expect([valueOf(partial, 'Cost'), valueOf(partial, 'Unpriced')]).toEqual(['$0.42+', '2 calls']);
});

test('a cost that nobody knows is no zero', () => {
  expect(valueOf(figures({ cost_micro_usd: null, unpriced_calls: 3 }), 'Cost')).toBe('–');
});

test('reasoning counts as output', () => {
  expect(valueOf(figures(), 'Tokens out')).toBe('25');
});

test('reported and computed are compared only where a call has both', () => {
  expect(comparedWords(figures())).toBeNull();
  const compared = { calls: 1, reported_micro_usd: 30_000, computed_micro_usd: 20_000 };
  expect(comparedWords(figures({ compared }))).toContain('1 call with');
  expect(comparedWords(figures({ compared }))).toContain('$0.01 more');
});

test('a share of nothing or of the unknown is not known', () => {
  expect([shareOf(1, 4), shareOf(null, 4), shareOf(1, null), shareOf(0, 0)]).toEqual([
    0.25,
    null,
    null,
    null,
  ]);
});

test('a part that no call has is no zero', () => {
  expect([valueOf(figures(), 'Reported'), valueOf(figures(), 'Computed')]).toEqual(['–', '$0.42']);
  const free = figures({ cost_micro_usd: 0, computed_cost_micro_usd: 0 });
  expect(valueOf(free, 'Computed')).toBe('$0.00');
});

test('tokens are said to be counted with the cache, where one was used', () => {
  expect(valueOf(figures(), 'Tokens in')).toBe('100 with cache');
  const tokens = { ...figures().tokens, input_uncached: 100, cache_read: 0, cache_write_5m: 0 };
  expect(valueOf(figures({ tokens }), 'Tokens in')).toBe('100');
});

test('what a source told of the whole task is said where it is not what its calls come to', () => {
  expect(toldWords(null, figures())).toBeNull();
  expect(toldWords(420_000, figures())).toBeNull();
  expect(toldWords(500_000, figures())).toContain(
    '$0.50 for the task as a whole; its calls come to $0.42',
  );
  expect(toldWords(500_000, figures({ calls: 0, cost_micro_usd: null }))).toMatch(
    /\$0.50 .* whole\.$/,
  );
});
