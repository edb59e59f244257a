import { describe, expect, it } from 'vitest';
import { between, hashOf, holds, rangeIn } from './seqRange';

describe('stretches in an address', () => {
  it.each([
    ['#L10', { first: 10, last: 10 }],
    ['#L10-L20', { first: 10, last: 20 }],
    ['#L20-10', { first: 10, last: 20 }],
    ['#E10', null],
    ['#L', null],
    ['#L10-L20-L30', null],
    ['#L99999999999999999999', null],
  ])('%s', (hash, range) => {
    expect(rangeIn(hash)).toEqual(range);
  });

  it.each(['#L7', '#L7-L9'])('%s comes out as it went in', (hash) => {
    expect(hashOf(rangeIn(hash) ?? between(0, 0))).toBe(hash);
  });

  it('hold both their ends and nothing else', () => {
    const range = between(9, 7);

    expect([6, 7, 9, 10].map((seq) => holds(range, seq))).toEqual([false, true, true, false]);
    expect(holds(null, 7)).toBe(false);
  });
});
