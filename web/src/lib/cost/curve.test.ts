import { describe, expect, it } from 'vitest';
import type { ExplainedCall } from '$lib/api/costs';
import { curveOf } from './curve';

const call = (second: number, cost: number | null): ExplainedCall =>
  ({ timestamp: new Date(second * 1_000).toISOString(), cost_micro_usd: cost }) as ExplainedCall;

describe('curveOf', () => {
  it('rises from nothing to the whole, by time', () => {
    expect(curveOf([call(10, 75), call(0, 25)])).toBe('0,100 0.00,75.00 100.00,0.00');
  });

  it('leaves out calls whose cost is not known', () => {
    expect(curveOf([call(0, 1), call(5, null), call(10, 1)])).toBe('0,100 0.00,50.00 100.00,0.00');
  });

  it('is nothing without a stretch of time or a cost', () => {
    expect([curveOf([]), curveOf([call(1, 5)]), curveOf([call(1, 0), call(2, 0)])]).toEqual([
      null,
      null,
      null,
    ]);
  });
});
