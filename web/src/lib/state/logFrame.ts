import type { SlimEntry } from '$lib/api/entries';
import type { Folds } from '$lib/window/folds';
import type { SeqWindow } from '$lib/window/seqWindow';
import type { Slots } from '$lib/window/slots';

export type Phase = 'loading' | 'ready' | 'missing';

/** One row of the log panel, or the place of one. */
export interface RowView {
  /** Which drawn row shows it; another one once the old height says nothing any more. */
  readonly key: number;
  readonly rank: number;
  /** Null while it is being fetched. */
  readonly entry: SlimEntry | null;
  /** Whether the server has no entry for this place. */
  readonly isAbsent: boolean;
  /** How many entries say the same in a row, of which this is the first. */
  readonly times: number;
  /** The last of them; null where there is one alone. */
  readonly last: SlimEntry | null;
  /** Whether each of them has its own row. */
  readonly isOpen: boolean;
  /** Time of the entry above; null where that is not known or there is none. */
  readonly before: string | null;
}

/** All that is drawn of the list, replaced as a whole. */
export interface Frame {
  /** How many entries match. */
  readonly count: number;
  /** Seq of the first entry in view, and of the last one that matches. */
  readonly firstSeq: number | null;
  readonly lastSeq: number;
  /** Which part of the list is in view: from, to, of 1. */
  readonly inView: readonly [number, number];
  readonly rows: readonly RowView[];
  /** Whether the rows are those of another place, out of sight until what belongs here came. */
  readonly isAway: boolean;
  readonly height: number;
  readonly layerTop: number;
  /** Where to scroll to, or null to leave the scroll position alone. */
  readonly scrollTop: number | null;
}

export const EMPTY_FRAME: Frame = {
  count: 0,
  firstSeq: null,
  lastSeq: 0,
  inView: [0, 1],
  rows: [],
  isAway: false,
  height: 0,
  layerTop: 0,
  scrollTop: null,
};

/**
 * The rows of the ranks from `first` to before `end` that take room; with `mayTurn` those that are
 * drawn may show other ranks. Of those drawn `before`, the ones that would say the same are taken
 * again: nobody draws them anew.
 */
export function rowsOf(
  window: SeqWindow<SlimEntry>,
  folds: Folds<SlimEntry>,
  slots: Slots,
  [first, end]: readonly [number, number],
  { before, mayTurn }: { before: readonly RowView[]; mayTurn: boolean },
): RowView[] {
  const ranks: number[] = [];
  for (let rank = first; rank < end; rank += 1) if (!folds.isHidden(rank)) ranks.push(rank);
  const keys = slots.keysOf(ranks, mayTurn);
  const drawn = new Map(before.map((row) => [row.key, row]));
  return ranks.map((rank, at) => {
    const row = rowAt(window, folds, rank, keys[at] ?? 0);
    const old = drawn.get(row.key);
    return old && isSame(old, row) ? old : row;
  });
}

function rowAt(
  window: SeqWindow<SlimEntry>,
  folds: Folds<SlimEntry>,
  rank: number,
  key: number,
): RowView {
  const entry = window.at(rank) ?? null;
  const times = entry ? folds.lengthAt(rank) : 1;
  return {
    key,
    rank,
    entry,
    isAbsent: entry === null && window.isSettled(rank),
    times,
    last: times > 1 ? (window.at(rank + times - 1) ?? null) : null,
    isOpen: folds.isOpen(rank),
    before: window.at(rank - 1)?.timestamp ?? null,
  };
}

function isSame(a: RowView, b: RowView): boolean {
  return (Object.keys(a) as (keyof RowView)[]).every((name) => a[name] === b[name]);
}
