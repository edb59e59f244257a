import { describe, expect, it } from 'vitest';
import { Hits } from './hits';

describe('hits', () => {
  const hits = new Hits([90, 40, 41, 7]);

  it.each([
    [0, 1, 7],
    [7, 1, 40],
    [8, 1, 40],
    [90, 1, null],
    [91, -1, 90],
    [90, -1, 41],
    [7, -1, null],
    [3, -1, null],
  ] as const)('from %i by %i: %s', (from, step, expected) => {
    expect(hits.next(from, step)).toBe(expected);
  });

  it('know their place from the end', () => {
    expect([90, 41, 7, 8].map((seq) => hits.fromEnd(seq))).toEqual([0, 1, 3, null]);
    expect(hits.first).toBe(7);
    expect(new Hits([]).next(5, 1)).toBeNull();
  });
});
