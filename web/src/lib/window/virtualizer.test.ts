import { describe, expect, it } from 'vitest';
import { Heights } from './heights';
import { Virtualizer } from './virtualizer';

function listOf(count: number, cap?: number): Virtualizer {
  const heights = new Heights(24);
  heights.setCount(count);
  const list = new Virtualizer(heights, cap);
  list.viewHeight = 480;
  return list;
}

describe('Virtualizer', () => {
  it('draws the rows in view and some around them', () => {
    const list = listOf(10_000);
    list.scrollToIndex(5_000, 'start');

    const { first, end, y } = list.slice(600);

    expect(first).toBe(4_975);
    expect(end).toBe(5_046);
    expect(y).toBe(-600);
  });

  it('keeps the first full row in place when rows above it are measured', () => {
    const list = listOf(1_000);
    list.scrolledTo(1_000); // row 41 is cut by the edge, row 42 is the first full one
    const before = list.heights.offsetOf(42) - list.top;

    list.measured([
      [3, 300],
      [41, 90],
      [700, 90],
    ]);

    expect(list.heights.offsetOf(42) - list.top).toBe(before);
    expect(list.needsSync()).toBe(true);
  });

  it('does not move the reader when rows are appended', () => {
    const list = listOf(1_000);
    list.scrolledTo(1_500);
    list.heights.setCount(50_000);

    expect(list.top).toBe(1_500);
    expect(list.isAtEnd).toBe(false);
  });

  it('stays at the end when told to', () => {
    const list = listOf(1_000);
    list.scrollToEnd();
    list.heights.setCount(1_500);
    list.scrollToEnd();

    expect(list.isAtEnd).toBe(true);
    expect(list.top).toBe(1_500 * 24 - 480);
  });

  it('reaches the last of five million rows under the cap', () => {
    const list = listOf(5_000_000);
    list.scrolledTo(list.physicalHeight - 480);

    expect(list.physicalHeight).toBe(8_000_000);
    expect(list.slice(600).end).toBe(5_000_000);
    expect(list.isAtEnd).toBe(true);
  });

  it('moves one to one for small steps under the cap, and in proportion for far ones', () => {
    const list = listOf(5_000_000);
    list.scrolledTo(4_000_000);
    const middle = list.top;
    list.scrolledTo(4_000_100);

    expect(middle).toBeCloseTo((120_000_000 - 480) * (4_000_000 / (8_000_000 - 480)), 3);
    expect(list.top - middle).toBeCloseTo(100, 6);
  });

  it('says when the browser stands at its edge although the list goes on', () => {
    const list = listOf(5_000_000);
    list.scrollToIndex(100, 'start');
    list.synced(1_000);
    list.scrolledTo(0);

    expect(list.top).toBe(1_400);
    expect(list.isStuck()).toBe(true);
    expect(list.physicalTop).toBeGreaterThan(0);
  });

  it.each([
    ['start', 500, 500 * 24],
    [360, 500, 500 * 24 - 120],
    ['nearest', 500, 501 * 24 - 480],
  ] as const)('scrolls to a row: %s', (align, row, top) => {
    const list = listOf(1_000);
    list.scrollToIndex(row, align);

    expect(list.top).toBe(top);
  });

  it('leaves a row that is in view where it is', () => {
    const list = listOf(1_000);
    list.scrolledTo(1_000);
    list.scrollToIndex(50, 'nearest');

    expect(list.top).toBe(1_000);
  });

  it('never scrolls outside a list that is shorter than the view', () => {
    const list = listOf(3);
    list.scrolledTo(400);

    expect(list.top).toBe(0);
    expect(list.physicalTop).toBe(0);
    expect(list.isAtEnd).toBe(true);
  });
});
