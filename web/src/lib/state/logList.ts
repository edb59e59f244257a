import { isRepeated, type SlimEntry } from '$lib/api/entries';
import { Heights } from '$lib/window/heights';
import { Folds } from '$lib/window/folds';
import type { SeqWindow } from '$lib/window/seqWindow';
import { Slots } from '$lib/window/slots';
import { Virtualizer, type Align } from '$lib/window/virtualizer';
import { rowsOf, type Frame, type RowView } from './logFrame';

/**
 * Where the reader stands in the list of rows, and what of it is drawn.
 *
 * The layer of rows is placed relative to the scroll position that the browser really has; the
 * scroll position itself is put right (`frame.scrollTop`) only while nobody scrolls.
 */
export const SCROLL_RESTS_MS = 120;
export const PLACES_AFTER_MS = 80; // how long nothing is drawn at a place that is being fetched
const FAR = 400; // pixels drawn beyond the view, for a hand that scrolls
const AWAY = -100_000; // pixels; where nothing is ever in sight
const NEAR = 120; // the same while the end is followed: one turn of a wheel

/** The view's height before anybody looked: asking would have the page laid out once more. */
export const guessedHeight = (): number => innerHeight - 240;

/**
 * Pixels from a row that somebody goes to down to the end of a view of that height. Where the row
 * stands hangs neither on its own height nor on what comes above the view a moment later.
 */
export const belowOf = (height: number): number => Math.round(height * 0.75);

export class LogList {
  readonly #window: SeqWindow<SlimEntry>;
  readonly #folds: Folds<SlimEntry>;
  readonly #list = new Virtualizer(new Heights(26));
  #rowEstimate = 26;
  #look = '';
  #goal: { rank: number; align: Align } | null = null; // kept in place while rows get their heights
  #scrolledAt = 0;
  #jumpedAt = 0;
  #waitingSince: number | null = null; // for the rows of a place where nothing is held

  #isFolding = true;
  #rows: readonly RowView[] = [];
  readonly #slots = new Slots();

  constructor(window: SeqWindow<SlimEntry>) {
    this.#window = window;
    this.#folds = new Folds(window, isRepeated);
  }

  get isAtStart(): boolean {
    return this.#list.top <= 0;
  }

  get firstVisible(): number {
    return this.#list.firstVisible;
  }

  /** The view's height, a row's likely height, and what all heights hang on besides. */
  resized(height: number, rowEstimate: number, look: string): void {
    this.#list.viewHeight = height;
    if (rowEstimate === this.#rowEstimate && look === this.#look) return;
    this.#rowEstimate = rowEstimate;
    this.#look = look;
    this.forgetHeights();
  }

  forgetHeights(): void {
    this.#slots.forget();
    this.#list.heights.reset(this.#rowEstimate);
    this.#folds.forget();
    this.#window.touch();
  }

  /** Other entries are shown. */
  reset(): void {
    this.#jumpedAt = performance.now();
    this.forgetHeights();
    this.#folds.reset(this.#isFolding);
  }

  /**
   * Whether what is drawn has to follow. While a hand scrolls, rows below the first in view do not
   * ask for that: the next scroll sees to them, or its rest.
   */
  measured(sizes: readonly (readonly [number, number])[]): boolean {
    const first = this.#goal || this.#isFree() ? Infinity : this.firstVisible;
    const seen = sizes.filter(([rank]) => !this.#folds.isHidden(rank)); // folded since
    return this.#list.measured(seen) && seen.some(([rank]) => rank < first);
  }

  /** Whether entries that say the same in a row are one row; false where they are so already. */
  fold(isFolding: boolean): boolean {
    if (isFolding === this.#isFolding) return false;
    this.#isFolding = isFolding;
    this.reset();
    return true;
  }

  /** Has the row seen, also where it would be folded away. */
  reveal(rank: number): void {
    this.#folded(this.#folds.reveal(rank));
  }

  /** Gives each of a run its own row, or takes them back. */
  toggleFold(rank: number): void {
    this.#goal = null;
    this.#folded(this.#folds.toggle(rank));
  }

  /** The row so many steps on that takes room; the last one there is. */
  stepFrom(rank: number, step: number): number {
    const last = this.#window.count - 1;
    let at = rank + step;
    while (at > 0 && at < last && this.#folds.isHidden(at)) at += step;
    at = Math.max(0, Math.min(at, last));
    while (at > 0 && this.#folds.isHidden(at)) at -= 1; // the list ends with a run
    return at;
  }

  #folded(changes: readonly (readonly [number, number])[]): void {
    this.#list.heights.setCount(this.#window.count); // what is told of a row not yet known is lost
    if (changes.length === 0) return;
    this.#list.measured(changes.map(([rank, room]) => [rank, room * this.#rowEstimate]));
  }

  /** Takes over the browser's scroll position; null where it is our own doing. */
  scrolled(top: number, height: number): { moved: number; isAtEnd: boolean } | null {
    const list = this.#list;
    list.viewHeight = height; // told late by its observer: a view that grew is no scroll
    if (Math.abs(top - list.lastPhysical) < 1) return null;
    const moved = list.scrolledTo(top);
    this.#goal = null;
    this.#scrolledAt = performance.now();
    if (Math.abs(moved) > height) this.#jumpedAt = this.#scrolledAt;
    return { moved, isAtEnd: list.isAtEnd };
  }

  synced(top: number): void {
    this.#list.synced(top);
  }

  goTo(rank: number, place: 'start' | 'nearest' | 'reading'): void {
    if (!this.#rows.some((row) => row.rank === rank)) this.#jumpedAt = performance.now();
    this.#goal = { rank, align: place === 'reading' ? belowOf(this.#list.viewHeight) : place };
  }

  /** Moves by so many views, the last line staying in sight. */
  page(views: number): void {
    this.#goal = null;
    this.#list.scrollBy(views * Math.max(40, this.#list.viewHeight - 2 * this.#rowEstimate));
  }

  goToShare(share: number): void {
    this.#goal = null;
    this.#list.scrollToShare(share);
  }

  /** Lets the rows fall where they may. */
  release(): void {
    this.#goal = null;
  }

  get isAtEnd(): boolean {
    return this.#list.isAtEnd;
  }

  /**
   * What is to be drawn now; `need` hears which ranks are wanted. With `mayTurn` rows that are
   * drawn may show others.
   */
  frame(isFollowing: boolean, need: (first: number, end: number) => void, mayTurn = false): Frame {
    const list = this.#list;
    const window = this.#window;
    this.#folded(this.#folds.changes());
    if (isFollowing) list.scrollToEnd();
    else if (this.#goal) list.scrollToIndex(this.#goal.rank, this.#goal.align);
    const { first, end, y } = list.slice(this.#overscan(isFollowing));
    need(first, end);
    const isAway = this.#isAway(first, end);
    if (!isAway) {
      const on = { before: this.#rows, mayTurn };
      this.#rows = rowsOf(window, this.#folds, this.#slots, [first, end], on);
    }
    // Whole pixels, which browsers keep: by what they cut off, the rows would move.
    const scrollTop = this.#mustSync(isFollowing) ? Math.round(list.physicalTop) : null;
    const total = Math.max(1, list.heights.total);
    return {
      count: window.count,
      firstSeq: window.at(list.firstVisible)?.seq ?? null,
      lastSeq: window.lastSeq,
      inView: [list.top / total, Math.min(1, (list.top + list.viewHeight) / total)],
      rows: this.#rows,
      isAway,
      height: list.physicalHeight,
      layerTop: isAway ? AWAY : Math.round((scrollTop ?? list.lastPhysical) + y),
      scrollTop,
    };
  }

  /**
   * Whether the rows of another place stay, out of sight, because nothing is held of this one: what
   * was asked for mostly comes before places for it would have been drawn.
   */
  #isAway(first: number, end: number): boolean {
    const isKnown = this.#rows.length === 0 || hasAny(first, end, (rank) => this.#isKnown(rank));
    if (isKnown) this.#waitingSince = null;
    else this.#waitingSince ??= performance.now();
    const since = this.#waitingSince;
    return since !== null && performance.now() - since < PLACES_AFTER_MS;
  }

  #isKnown(rank: number): boolean {
    return this.#window.isSettled(rank);
  }

  /** After a jump what is in sight comes first, and what nobody asked the server for yet alone. */
  #overscan(isFollowing: boolean): number {
    if (this.#window.at(this.#list.firstVisible) === undefined) return 0;
    const hasJumped = performance.now() - this.#jumpedAt < SCROLL_RESTS_MS;
    if (hasJumped) return 0;
    return isFollowing ? NEAR : FAR;
  }

  /** A hand that scrolls is not disturbed, unless the browser is at its edge and the list is not. */
  #mustSync(isFollowing: boolean): boolean {
    const isFree = isFollowing || this.#isFree();
    return this.#list.needsSync() && (isFree || this.#list.isStuck());
  }

  #isFree(): boolean {
    return performance.now() - this.#scrolledAt >= SCROLL_RESTS_MS;
  }
}

function hasAny(first: number, end: number, test: (rank: number) => boolean): boolean {
  for (let rank = first; rank < end; rank += 1) if (test(rank)) return true;
  return false;
}
