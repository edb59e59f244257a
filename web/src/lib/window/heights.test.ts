import { describe, expect, it } from 'vitest';
import { Heights } from './heights';

/** A small generator with a fixed start, so that a failure comes back. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

describe('Heights', () => {
  it('counts rows that nobody measured as the estimate', () => {
    const heights = new Heights(24);
    heights.setCount(1_000_000);

    expect(heights.total).toBe(24_000_000);
    expect(heights.offsetOf(500_000)).toBe(12_000_000);
    expect(heights.indexAt(12_000_023)).toBe(500_000);
    expect(heights.indexAt(12_000_024)).toBe(500_001);
  });

  it('agrees with plain prefix sums after random measurements and growth', () => {
    const random = randomNumbers(7);
    const heights = new Heights(24);
    const plain: number[] = [];
    for (const count of [50, 700, 20_000]) {
      heights.setCount(count);
      while (plain.length < count) plain.push(24);
      for (let i = 0; i < 500; i += 1) {
        const index = Math.floor(random() * count);
        const height = 20 + Math.floor(random() * 300);
        plain[index] = height;
        heights.set(index, height);
      }
    }
    const tops = [0];
    for (const height of plain) tops.push((tops.at(-1) ?? 0) + height);

    expect(heights.total).toBe(tops.at(-1));
    for (let i = 0; i < 2_000; i += 1) {
      const index = Math.floor(random() * plain.length);
      expect(heights.offsetOf(index)).toBe(tops[index]);
      const inside = (tops[index] ?? 0) + Math.floor(random() * (plain[index] ?? 0));
      expect(heights.indexAt(inside)).toBe(index);
    }
  });

  it('answers the first and the last row for pixels outside the list', () => {
    const heights = new Heights(10);
    heights.setCount(300);

    expect(heights.indexAt(-5)).toBe(0);
    expect(heights.indexAt(1e9)).toBe(299);
    expect(new Heights(10).indexAt(5)).toBe(0);
  });

  it('forgets what it measured beyond a smaller count', () => {
    const heights = new Heights(10);
    heights.setCount(300);
    heights.set(10, 50);
    heights.set(290, 50);
    heights.setCount(200);
    heights.setCount(300);

    expect(heights.total).toBe(3_040);
    expect(heights.get(290)).toBe(10);
  });
});
