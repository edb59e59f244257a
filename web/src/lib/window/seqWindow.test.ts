import { describe, expect, it } from 'vitest';
import { SeqWindow } from './seqWindow';

interface Entry {
  seq: number;
}

const range = (from: number, to: number, step = 1): Entry[] => {
  const entries: Entry[] = [];
  for (let seq = from; seq <= to; seq += step) entries.push({ seq });
  return entries;
};

function windowOf(isDense: boolean, maxPages = 60): SeqWindow<Entry> {
  const window = new SeqWindow<Entry>(10, maxPages);
  window.reset(isDense);
  return window;
}

describe('SeqWindow without a filter', () => {
  it('places the newest entries by their seq and knows the length of the rest', () => {
    const window = windowOf(true);
    window.setTail(range(96, 105), 105);

    expect(window.count).toBe(105);
    expect(window.at(104)).toEqual({ seq: 105 });
    expect(window.at(94)).toBeUndefined();
    expect(window.need(90, 105)).toEqual([9]);
    expect(window.requestFor(9)).toEqual({ after_seq: 90 });
  });

  it('appends live entries once, however often they come', () => {
    const window = windowOf(true);
    window.setTail(range(1, 5), 5);

    expect(window.append(range(4, 8))).toEqual(range(6, 8));
    expect(window.append(range(1, 8))).toEqual([]);
    expect(window.count).toBe(8);
    expect(window.lastSeq).toBe(8);
  });

  it('knows of entries that it was not sent, and fetches them where they are needed', () => {
    const window = windowOf(true);
    window.setTail(range(1, 5), 5);
    const passed = [window.passOver(95), window.passOver(90)];
    window.append(range(96, 98));

    expect([passed, window.count, window.lastSeq]).toEqual([[90, 0], 98, 98]);
    expect(window.at(96)).toEqual({ seq: 97 });
    expect(window.need(90, 98)).toEqual([9]);
    expect(window.requestFor(9)).toEqual({ after_seq: 90 });
  });

  it('leaves a hole where the server has no entry', () => {
    const window = windowOf(true);
    window.setTail(range(31, 40), 40);
    window.fill(
      0,
      { after_seq: 0 },
      range(1, 12).filter((entry) => entry.seq !== 4),
    );

    expect(window.at(3)).toBeUndefined();
    expect(window.isSettled(3)).toBe(true);
    expect(window.at(10)).toBeUndefined(); // of another page
    expect(window.need(0, 10)).toEqual([]);
  });

  it('forgets the least recently used pages, never those in view', () => {
    const window = windowOf(true, 4);
    window.setTail(range(1, 10), 10);
    window.need(0, 10);
    window.append(range(11, 200));

    expect(window.pageCount).toBe(4);
    expect(window.at(0)).toEqual({ seq: 1 });
    expect(window.at(150)).toBeUndefined();
    expect(window.at(199)).toEqual({ seq: 200 });
  });

  it('goes on with the tail page after it was forgotten', () => {
    const window = windowOf(true, 2);
    window.setTail(range(91, 95), 95);
    window.need(0, 20);
    window.fill(0, { after_seq: 0 }, range(1, 10));
    window.fill(1, { after_seq: 10 }, range(11, 20));
    window.append(range(96, 97));

    expect(window.count).toBe(97);
    expect(window.isMissing(9)).toBe(true);
  });
});

describe('SeqWindow with a filter', () => {
  it('places entries by rank', () => {
    const window = windowOf(false);
    window.setTail(range(700, 790, 10), 35);

    expect(window.at(34)).toEqual({ seq: 790 });
    expect(window.at(25)).toEqual({ seq: 700 });
    expect(window.append([{ seq: 803 }])).toEqual([{ seq: 803 }]);
    expect(window.at(35)).toEqual({ seq: 803 });
  });

  it('asks by a neighbour where one is held, else by rank', () => {
    const window = windowOf(false);
    window.setTail(range(700, 790, 10), 40);
    expect(window.requestFor(2)).toEqual({ before_seq: 700 });
    expect(window.requestFor(0)).toEqual({ offset: 0 });

    window.fill(0, { offset: 0 }, range(10, 100, 10));

    expect(window.requestFor(1)).toEqual({ after_seq: 100 });
  });

  it('puts a page that was asked for backwards at its end', () => {
    const window = windowOf(false);
    window.setTail(range(700, 790, 10), 40);
    window.fill(2, { before_seq: 700 }, range(600, 690, 10));

    expect(window.at(20)).toEqual({ seq: 600 });
    expect(window.at(29)).toEqual({ seq: 690 });
  });

  it('leaves out entries that the live connection has not brought yet', () => {
    const window = windowOf(false);
    window.setTail(range(10, 50, 10), 5);
    window.fill(0, { offset: 0 }, range(10, 70, 10));

    expect(window.count).toBe(5);
    expect(window.at(5)).toBeUndefined();
    expect(window.append(range(60, 70, 10))).toHaveLength(2);
    expect(window.at(6)).toEqual({ seq: 70 });
  });
});
