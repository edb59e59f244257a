import { describe, expect, it } from 'vitest';
import { Slots } from './slots';

const range = (first: number, end: number): number[] =>
  Array.from({ length: end - first }, (_, at) => first + at);

describe('which row shows which rank', () => {
  it('leaves a rank its row while it is drawn', () => {
    const slots = new Slots();
    const before = slots.keysOf(range(0, 10), true);
    const after = slots.keysOf(range(3, 13), true);

    expect(after.slice(0, 7)).toEqual(before.slice(3));
    expect(after.slice(7).every((key) => !before.includes(key))).toBe(true);
  });

  it('has the rows show other ranks, in their order, where few stay', () => {
    const slots = new Slots();
    const before = slots.keysOf(range(0, 10), true);

    expect(slots.keysOf(range(8, 18), true)).toEqual(before);
    expect(slots.keysOf(range(500, 512), true).slice(0, 10)).toEqual(before);
    expect(slots.keysOf(range(0, 4), true)).toEqual(before.slice(0, 4));
  });

  it('makes other rows while nobody may touch those that are there', () => {
    const slots = new Slots();
    const before = slots.keysOf(range(0, 10), true);
    const after = slots.keysOf(range(9, 19), false);

    expect(after[0]).toBe(before[9]);
    expect(after.slice(1).some((key) => before.includes(key))).toBe(false);
  });

  it('gives no key twice', () => {
    const slots = new Slots();
    const before = slots.keysOf(range(0, 5), true);
    slots.forget();
    const after = [...slots.keysOf(range(0, 5), true), ...slots.keysOf(range(90, 99), true)];

    expect(after.some((key) => before.includes(key))).toBe(false);
    expect(new Set(slots.keysOf(range(93, 102), false)).size).toBe(9);
  });
});
