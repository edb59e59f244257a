import { describe, expect, it } from 'vitest';
import { Folds } from './folds';
import { SeqWindow } from './seqWindow';

interface Line {
  seq: number;
  text: string;
}

const PAGE = 10;

/** A window that holds these texts from seq 1 on, and its folds. */
function folded(texts: string): { folds: Folds<Line>; window: SeqWindow<Line> } {
  const window = new SeqWindow<Line>(PAGE);
  window.reset(true);
  window.append([...texts].map((text, at) => ({ seq: at + 1, text })));
  return { window, folds: new Folds(window, (a, b) => a.text === b.text) };
}

const hidden = (folds: Folds<Line>, count: number): number[] =>
  Array.from({ length: count }, (_, rank) => rank).filter((rank) => folds.isHidden(rank));

describe('folds', () => {
  it('let the first of a run stand for all', () => {
    const { folds } = folded('abbbac');

    expect(folds.changes()).toEqual([
      [2, 0],
      [3, 0],
    ]);
    expect(hidden(folds, 6)).toEqual([2, 3]);
    expect([0, 1, 2, 4].map((rank) => folds.lengthAt(rank))).toEqual([1, 3, 1, 1]);
  });

  it('grow with what comes, and say only what changed', () => {
    const { folds, window } = folded('abb');
    folds.changes();
    window.append([{ seq: 4, text: 'b' }]);

    expect(folds.changes()).toEqual([[3, 0]]);
    expect(folds.changes()).toEqual([]);
    expect(folds.lengthAt(1)).toBe(3);
  });

  it('end with their page', () => {
    const { folds } = folded('a'.repeat(PAGE + 3));
    folds.changes();

    expect([folds.lengthAt(0), folds.lengthAt(PAGE)]).toEqual([PAGE, 3]);
    expect(folds.isHidden(PAGE)).toBe(false);
  });

  it('are opened and closed one by one', () => {
    const { folds } = folded('aabb');
    folds.changes();

    expect(folds.toggle(2)).toEqual([[3, 1]]);
    expect([folds.isOpen(2), hidden(folds, 4)]).toEqual([true, [1]]);
    expect(folds.toggle(2)).toEqual([[3, 0]]);
  });

  it('open for a row that is looked for, also before it is there', () => {
    const { folds, window } = folded('');
    window.setTail([{ seq: 30, text: 'z' }], 30);
    folds.changes();
    folds.reveal(5);
    const page = Array.from({ length: PAGE }, (_, at) => ({ seq: at + 1, text: 'a' }));
    window.fill(0, { after_seq: 0 }, page);

    expect(folds.changes()).toEqual([]);
    expect([folds.isHidden(5), folds.isOpen(0)]).toEqual([false, true]);
  });

  it('are told anew after the heights were forgotten, open ones stay open', () => {
    const { folds, window } = folded('aabb');
    folds.changes();
    folds.toggle(0);
    folds.forget();
    window.touch();

    expect(folds.changes()).toEqual([[3, 0]]);
  });

  it('can be switched off', () => {
    const { folds, window } = folded('aaa');
    folds.reset(false);
    window.touch();

    expect(folds.changes()).toEqual([]);
    expect(folds.lengthAt(0)).toBe(1);
  });
});
