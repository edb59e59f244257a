import { describe, expect, it } from 'vitest';
import { idleOf, shifted, timeLineOf, zoomed } from './idle';

const MINUTE = 60_000;
const stretch = (start: number, end: number) => ({
  startMs: start * MINUTE,
  endMs: end * MINUTE,
});

describe('idleOf', () => {
  it('finds long stretches without anything, also at the end', () => {
    const busy = [stretch(0, 1), stretch(41, 44), stretch(2, 3)];

    expect(idleOf(busy, stretch(0, 100))).toEqual([stretch(3, 41), stretch(44, 100)]);
  });

  it('leaves short pauses alone', () => {
    expect(idleOf([stretch(0, 4), stretch(4.4, 10)], stretch(0, 10))).toEqual([]);
    expect(idleOf([stretch(0, 50), stretch(52, 100)], stretch(0, 100))).toEqual([]);
  });
});

describe('timeLineOf', () => {
  it('draws time evenly where nothing is folded', () => {
    const line = timeLineOf(stretch(0, 10), []);

    expect([0, 5, 10].map((at) => line.placeOf(at * MINUTE))).toEqual([0, 50, 100]);
  });

  it('gives a fold two percent and the rest what is left, in order', () => {
    const line = timeLineOf(stretch(0, 100), [stretch(10, 90)]);
    const at = (minute: number): number => Math.round(line.placeOf(minute * MINUTE) * 100) / 100;

    expect([at(0), at(10), at(90), at(100)]).toEqual([0, 49, 51, 100]);
    expect(at(50)).toBe(50);
  });

  it('never leaves the width', () => {
    const line = timeLineOf(stretch(5, 10), [stretch(0, 6)]);

    expect([line.placeOf(0), line.placeOf(99 * MINUTE)]).toEqual([0, 100]);
  });
});

describe('zoomed and shifted', () => {
  it('stay inside the whole', () => {
    const whole = stretch(0, 100);
    const close = zoomed(stretch(0, 100), whole, 0.5);

    expect(close).toEqual(stretch(25, 75));
    expect(shifted(close as never, whole, 0.9)).toEqual(stretch(50, 100));
    expect(shifted(close as never, whole, -2)).toEqual(stretch(0, 50));
    expect(zoomed(stretch(25, 75), whole, 2)).toBeNull();
  });
});
