import { Heights } from './heights';

/**
 * Which rows of a long list to draw, and where.
 *
 * The place of the reader is a row and a distance in pixels, never a scroll position: rows that
 * are measured, loaded or appended elsewhere cannot move it. Browsers stop at some 33 million
 * pixels, so the scrolled box is at most `physicalCap` high; small movements count one to one,
 * far ones (a dragged scrollbar) in proportion.
 */
export interface Slice {
  /** First row to draw. */
  first: number;
  /** The row after the last one to draw. */
  end: number;
  /** Pixels from the top of the view to the top of the first row; negative above the view. */
  y: number;
}

/** Where a row is brought: a number is the pixels from its top to the view's end. */
export type Align = 'start' | 'nearest' | number;

const AT_END = 2; // pixels; fractional layouts rarely end exactly
const FAR = 4; // views; a longer way in one event is a drag or a jump
const CAP = 8_000_000; // pixels; beyond 2 ** 23 browsers scroll to every second one only

export class Virtualizer {
  readonly heights: Heights;
  viewHeight = 0;
  #cap: number;
  #anchor = { index: 0, offset: 0 }; // the view's top is `offset` below the top of row `index`
  #physical = 0; // the scroll position both sides know of

  constructor(heights: Heights, physicalCap = CAP) {
    this.heights = heights;
    this.#cap = physicalCap;
  }

  /** Pixels above the view, in the whole list. */
  get top(): number {
    return this.heights.offsetOf(this.#anchor.index) + this.#anchor.offset;
  }

  get isAtEnd(): boolean {
    return this.top + this.viewHeight >= this.heights.total - AT_END;
  }

  /** Height of the box the browser scrolls. */
  get physicalHeight(): number {
    return Math.min(this.heights.total, this.#cap);
  }

  /** Where the browser's scroll position belongs for the present place. */
  get physicalTop(): number {
    const range = this.heights.total - this.viewHeight;
    if (range <= 0) return 0;
    if (this.heights.total <= this.#cap) return this.top;
    return (this.top / range) * (this.#cap - this.viewHeight);
  }

  /** Index of the first row that can be seen. */
  get firstVisible(): number {
    return this.heights.indexAt(this.top);
  }

  /** Takes over a scroll position that the browser reports; returns the pixels moved. */
  scrolledTo(physical: number): number {
    const moved = physical - this.#physical;
    this.#physical = physical;
    const before = this.top;
    if (Math.abs(moved) <= FAR * this.viewHeight) this.#moveTo(before + moved);
    else this.#moveTo(this.#inProportion(physical));
    return this.top - before;
  }

  /** Whether the browser's position has drifted so far that it must be set. */
  needsSync(): boolean {
    return Math.abs(this.physicalTop - this.#physical) >= 1;
  }

  /** Whether the browser can scroll no further although the list goes on. */
  isStuck(): boolean {
    const bottom = this.physicalHeight - this.viewHeight;
    const atTop = this.#physical <= 0 && this.top > 0;
    return atTop || (this.#physical >= bottom - 1 && !this.isAtEnd);
  }

  /** Remembers the position that the browser now has. */
  synced(physical: number): void {
    this.#physical = physical;
  }

  get lastPhysical(): number {
    return this.#physical;
  }

  scrollToEnd(): void {
    this.#moveTo(this.heights.total - this.viewHeight);
  }

  scrollBy(pixels: number): void {
    this.#moveTo(this.top + pixels);
  }

  /** Puts the middle of the view at a share of the whole list, from 0 to 1. */
  scrollToShare(share: number): void {
    this.#moveTo(share * this.heights.total - this.viewHeight / 2);
  }

  scrollToIndex(index: number, align: Align): void {
    const row = Math.max(0, Math.min(index, this.heights.count - 1));
    const rowTop = this.heights.offsetOf(row);
    const room = this.viewHeight - this.heights.get(row);
    if (align === 'start') this.#moveTo(rowTop);
    else if (align !== 'nearest') this.#moveTo(rowTop - Math.max(0, this.viewHeight - align));
    else if (rowTop < this.top) this.#moveTo(rowTop);
    else if (rowTop > this.top + room) this.#moveTo(rowTop - Math.max(0, room));
  }

  /** Takes over measured heights; the first row that is fully seen stays where it is. */
  measured(sizes: Iterable<readonly [number, number]>): boolean {
    let hasChanged = false;
    for (const [index, height] of sizes) {
      if (this.heights.set(index, height) !== 0) hasChanged = true;
    }
    if (hasChanged) this.#moveTo(this.top);
    return hasChanged;
  }

  /** What to draw, with so many pixels above and below the view. */
  slice(overscan: number): Slice {
    if (this.heights.count === 0) return { first: 0, end: 0, y: 0 };
    const top = this.top;
    const first = this.heights.indexAt(top - overscan);
    const end = this.heights.indexAt(top + this.viewHeight + overscan) + 1;
    return { first, end, y: this.heights.offsetOf(first) - top };
  }

  #moveTo(pixel: number): void {
    const top = Math.max(0, Math.min(pixel, this.heights.total - this.viewHeight));
    const index = this.heights.indexAt(top);
    const rowTop = this.heights.offsetOf(index);
    const next = rowTop + this.heights.get(index);
    const isNextSeen =
      rowTop < top && index + 1 < this.heights.count && next < top + this.viewHeight;
    this.#anchor = isNextSeen
      ? { index: index + 1, offset: top - next }
      : { index, offset: top - rowTop };
  }

  #inProportion(physical: number): number {
    const range = this.physicalHeight - this.viewHeight;
    return range <= 0 ? 0 : (physical / range) * (this.heights.total - this.viewHeight);
  }
}
