import { describe, expect, it } from 'vitest';
import type { CostRow, Costs } from '$lib/api/costs';
import { barsOf, namesOf, OTHERS, useOf } from './days';

const row = (day: string, cost: number | null, parts: Record<string, number> = {}): CostRow =>
  ({
    ...{ day, cost_micro_usd: cost, unpriced_calls: cost === null ? 1 : 0, calls: 1 },
    parts: Object.entries(parts).map(([model, part]) => ({ model, cost_micro_usd: part })),
  }) as unknown as CostRow;
const daily = (rows: CostRow[]): Pick<Costs, 'rows'> => ({ rows });

describe('barsOf', () => {
  it('stands in the order of days, the dearest at full height, what is left as others', () => {
    const bars = barsOf(daily([row('2026-01-02', 40, { sonnet: 30 }), row('2026-01-01', 20)]));

    expect(bars.map(({ day, height }) => [day, height])).toEqual([
      ['2026-01-01', 50],
      ['2026-01-02', 100],
    ]);
    expect(bars[1]?.parts).toEqual([
      { name: 'sonnet', cost: 30, share: 75 },
      { name: OTHERS, cost: 10, share: 25 },
    ]);
  });

  it('keeps an unknown cost unknown', () => {
    expect(barsOf(daily([row('2026-01-01', null)]))[0]).toMatchObject({
      cost: null,
      height: 0,
      parts: [],
    });
  });
});

describe('namesOf', () => {
  it('names the dearest model of all days first, whatever a day has, and others last', () => {
    const days = [row('2026-01-01', 9, { a: 9 }), row('2026-01-02', 40, { b: 20, a: 5 })];

    expect(namesOf(barsOf(daily(days)))).toEqual(['b', 'a', OTHERS]);
  });
});

describe('useOf', () => {
  it('counts the days above a budget, and how much of it is used today', () => {
    const bars = barsOf(daily([row('2026-01-01', 90), row('2026-01-02', 30)]));

    expect(useOf(bars, 60, '2026-01-02')).toEqual({ spent: 30, percent: 50, over: ['2026-01-01'] });
    expect(useOf(bars, 60, '2026-01-03').spent).toBe(0);
  });
});
