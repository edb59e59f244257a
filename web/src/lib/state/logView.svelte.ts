import { SvelteSet } from 'svelte/reactivity';
import type { SlimEntry } from '$lib/api/entries';
import type { FollowEnvironment } from '$lib/api/follow';
import type { TaskLogs } from '$lib/api/logs';
import type { LogFilters } from '$lib/api/types';
import { Heights } from '$lib/window/heights';
import { NEW_TAIL, next, type Tail, type TailEvent } from '$lib/window/tailMachine';
import { Virtualizer, type Align } from '$lib/window/virtualizer';
import { LogFeed, type Refusal } from './logFeed';
import { EMPTY_FRAME, rowsOf, type Frame, type Phase } from './logFrame';

/**
 * What the log panel shows and what its reader does.
 *
 * Entries stay outside reactivity; once a frame the few rows in view are put into `frame`. The
 * layer of rows is placed relative to the scroll position that the browser really has; the scroll
 * position itself is put right (`frame.scrollTop`) only while nobody scrolls.
 */
const SCROLL_RESTS_MS = 120;

export class LogView {
  frame = $state.raw<Frame>(EMPTY_FRAME);
  tail = $state.raw<Tail>(NEW_TAIL);
  phase = $state<Phase>('loading');
  problem = $state<string | null>(null);
  refusal = $state.raw<Refusal | null>(null);
  /** How many entries the task has, as far as the live connection said. */
  total = $state(0);
  /** Entries received since the page was opened. */
  received = $state(0);
  focusedRank = $state<number | null>(null);
  linkedSeq = $state<number | null>(null);
  /** Whether the linked entry is not among those shown: filtered out, or not there. */
  isLinkHidden = $state(false);
  readonly expanded = new SvelteSet<number>();

  readonly logs: TaskLogs;
  readonly #feed: LogFeed;
  readonly #virtualizer = new Virtualizer(new Heights(26));
  #rowEstimate = 26;
  #layout = 0; // raised when all measured heights are void
  #goal: { rank: number; align: Align } | null = null; // kept in place while rows get their heights
  #isHeldByPointer = false;
  #scrolledAt = 0;
  #painting: number | null = null;
  #resting: ReturnType<typeof setTimeout> | undefined;

  constructor(logs: TaskLogs, environment: FollowEnvironment) {
    this.logs = logs;
    this.#feed = new LogFeed(
      logs,
      {
        opened: () => this.#opened(),
        changed: () => this.#schedule(),
        tail: (event) => this.#dispatch(event),
        counted: (counts) => (this.total = Math.max(this.total, counts.total ?? 0)),
        problem: (words) => (this.problem = words),
        refused: (refusal) => (this.refusal = refusal),
        missing: () => (this.phase = this.phase === 'ready' ? 'ready' : 'missing'),
      },
      environment,
    );
  }

  /** Shows the entries of a filter; with `seq` at that entry, else at the newest. */
  open(filters: LogFilters, seq: number | null): void {
    [this.linkedSeq, this.refusal] = [seq, null];
    void this.#feed.open(filters);
  }

  close(): void {
    this.#feed.close();
    clearTimeout(this.#resting);
    cancelAnimationFrame(this.#painting ?? 0);
    this.#painting = null;
  }

  /** The network is back. */
  hurry(): void {
    this.#feed.hurry();
  }

  entryAt(rank: number): SlimEntry | undefined {
    return this.#feed.window.at(rank);
  }

  resized(height: number, rowEstimate: number): void {
    this.#virtualizer.viewHeight = height;
    if (rowEstimate !== this.#rowEstimate) {
      this.#rowEstimate = rowEstimate;
      this.#forgetHeights();
    }
    this.#paint();
  }

  measured(sizes: readonly (readonly [number, number])[]): void {
    if (this.#virtualizer.measured(sizes)) this.#paint();
  }

  scrolled(top: number, height: number): void {
    const list = this.#virtualizer;
    list.viewHeight = height; // told late by its observer: a view that grew is no scroll
    if (Math.abs(top - list.lastPhysical) < 1) return; // our own doing
    const moved = list.scrolledTo(top);
    this.#goal = null;
    this.#scrolledAt = performance.now();
    if (!list.isAtEnd) this.#dispatch({ type: 'scrolledUp' });
    else if (moved >= 0) this.#dispatch({ type: 'reachedEnd' });
    clearTimeout(this.#resting);
    this.#resting = setTimeout(() => this.#paint(), SCROLL_RESTS_MS);
    this.#paint();
  }

  synced(top: number): void {
    this.#virtualizer.synced(top);
  }

  /** Nothing moves while a pointer is down on the rows. */
  holdByPointer(): void {
    this.#isHeldByPointer = true;
  }

  releasePointer(hasSelection: boolean): void {
    this.#isHeldByPointer = false;
    if (hasSelection) this.#dispatch({ type: 'rowHeld' });
    this.#schedule();
  }

  leaveEnd(): void {
    if (this.#virtualizer.top > 0) this.#dispatch({ type: 'scrolledUp' });
  }

  /** The task is not over, by its summary. */
  wentOn(): void {
    if (this.tail.endStatus !== null) this.#dispatch({ type: 'wentOn' });
  }

  togglePause(): void {
    this.#dispatch({ type: 'pauseToggled' });
    this.#schedule();
  }

  resume(): void {
    this.#dispatch({ type: 'resumed' });
    this.goToEnd();
  }

  goToStart(): void {
    this.#dispatch({ type: 'scrolledUp' });
    this.#goTo(0, 'start');
  }

  goToEnd(): void {
    this.#dispatch({ type: 'jumpedToEnd' });
    this.#goTo(this.#feed.window.count - 1, 'nearest');
  }

  /** Marks an entry as the one the address names. */
  link(seq: number): void {
    this.linkedSeq = seq;
    this.#dispatch({ type: 'rowHeld' });
  }

  /** Opens the view at an entry, shown whole. */
  async goToSeq(seq: number): Promise<void> {
    this.linkedSeq = seq;
    this.#dispatch({ type: 'linkOpened' });
    try {
      const { rank, isShown } = await this.#feed.place(seq);
      this.isLinkHidden = !isShown;
      if (isShown) this.expanded.add(seq);
      this.focusedRank = Math.min(rank, this.#feed.window.count - 1);
      this.#goTo(this.focusedRank, 'center');
    } catch {
      // Another filter was opened meanwhile, or the feed says that the server is away.
    }
  }

  moveFocus(step: number): void {
    const from = this.focusedRank ?? this.#virtualizer.firstVisible - step;
    this.focusedRank = Math.max(0, Math.min(from + step, this.#feed.window.count - 1));
    this.#dispatch({ type: 'rowHeld' });
    this.#goTo(this.focusedRank, 'nearest');
  }

  toggle(seq: number): void {
    this.#goal = null;
    this.#dispatch({ type: 'rowHeld' });
    if (!this.expanded.delete(seq)) this.expanded.add(seq);
  }

  #opened(): void {
    this.phase = 'ready';
    this.isLinkHidden = false;
    this.focusedRank = null;
    this.#forgetHeights();
    this.#dispatch({ type: 'viewOpened' });
    this.#paint();
    if (this.linkedSeq !== null) void this.goToSeq(this.linkedSeq);
  }

  #forgetHeights(): void {
    this.#layout += 1;
    this.#virtualizer.heights.reset(this.#rowEstimate);
  }

  #dispatch(event: TailEvent): void {
    if (event.type === 'arrived') this.received += event.count;
    this.tail = next(this.tail, event);
  }

  #goTo(rank: number, align: Align): void {
    this.#goal = { rank, align };
    this.#paint();
  }

  #schedule(): void {
    this.#painting ??= requestAnimationFrame(() => {
      this.#painting = null;
      this.#paint();
    });
  }

  #paint(): void {
    const { window } = this.#feed;
    const list = this.#virtualizer;
    list.heights.setCount(window.count);
    const isFollowing = this.tail.mode === 'FOLLOW' && !this.#isHeldByPointer;
    if (isFollowing) list.scrollToEnd();
    else if (this.#goal) list.scrollToIndex(this.#goal.rank, this.#goal.align);
    const { first, end, y } = list.slice();
    this.#feed.need(first, end);
    const scrollTop = this.#mustSync(isFollowing) ? list.physicalTop : null;
    this.frame = {
      count: window.count,
      firstSeq: window.at(list.firstVisible)?.seq ?? null,
      lastSeq: window.lastSeq,
      rows: rowsOf(window, this.#layout, first, end),
      height: list.physicalHeight,
      layerTop: (scrollTop ?? list.lastPhysical) + y,
      scrollTop,
    };
  }

  /** A hand that scrolls is not disturbed, unless the browser is at its edge and the list is not. */
  #mustSync(isFollowing: boolean): boolean {
    const isFree = isFollowing || performance.now() - this.#scrolledAt >= SCROLL_RESTS_MS;
    return this.#virtualizer.needsSync() && (isFree || this.#virtualizer.isStuck());
  }
}
