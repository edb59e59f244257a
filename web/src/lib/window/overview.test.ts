import { describe, expect, it } from 'vitest';
import { merged, Overview } from './overview';

const stretch = (total: number, first_seq: number | null, last_seq = first_seq) => ({
  ...{ total, first_seq, last_seq },
});

describe('overview', () => {
  it('is exact where every entry is counted', () => {
    const overview = new Overview([stretch(50, 1, 50), stretch(0, null), stretch(50, 51, 100)]);

    expect(overview.count).toBe(100);
    expect([1, 26, 51, 100].map((seq) => overview.shareOf(seq))).toEqual([0, 0.25, 0.5, 0.99]);
  });

  it('places what a filter leaves by how many lie before it', () => {
    const overview = new Overview([stretch(1, 10), stretch(3, 1_000, 5_000)]);

    expect(overview.shareOf(10)).toBe(0);
    expect(overview.shareOf(1_000)).toBe(0.25);
    expect(overview.shareOf(9_999)).toBe(0.75);
  });

  it('keeps to the order of the trail where clocks do not', () => {
    const overview = new Overview([stretch(10, 11, 20), stretch(10, 1, 10)]);

    expect(overview.shareOf(11)).toBe(0.5);
  });

  it('of nothing is nothing', () => {
    expect(new Overview([]).shareOf(5)).toBe(0);
    expect(new Overview([stretch(2, 5, 6)]).shareOf(1)).toBe(0);
  });
});

describe('marks', () => {
  it('that touch become one', () => {
    const marks = [
      [0.5, 0.5],
      [0.1, 0.1],
      [0.505, 0.505],
    ] as const;

    expect(merged(marks, 100)).toEqual([
      [0.1, 0.1],
      [0.5, 0.505],
    ]);
  });
});
