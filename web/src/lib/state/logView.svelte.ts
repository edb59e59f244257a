import type { SlimEntry } from '$lib/api/entries';
import type { FollowEnvironment } from '$lib/api/follow';
import type { TaskLogs } from '$lib/api/logs';
import type { LogFilters } from '$lib/api/types';
import { between, type SeqRange } from '$lib/window/seqRange';
import { NEW_TAIL, next, type Tail, type TailEvent } from '$lib/window/tailMachine';
import { Frames } from './frames';
import { LogFeed, type Place, type Refusal } from './logFeed';
import { EMPTY_FRAME, type Frame, type Phase } from './logFrame';
import { LogList, PLACES_AFTER_MS, SCROLL_RESTS_MS } from './logList';
import { ReadersPlace } from './readersPlace';

/**
 * What the log panel shows and what its reader does.
 *
 * Entries stay outside reactivity; once a frame the few rows in view are put into `frame`.
 */
export class LogView {
  frame = $state.raw<Frame>(EMPTY_FRAME);
  tail = $state.raw<Tail>(NEW_TAIL);
  phase = $state<Phase>('loading');
  problem = $state<string | null>(null);
  refusal = $state.raw<Refusal | null>(null);
  total = $state(0); // entries of the task, as far as the live connection said
  received = $state(0); // entries since the page was opened
  focusedRank = $state<number | null>(null);
  marked = $state.raw<SeqRange | null>(null); // what the address names
  /** Whether the marked entry is not among those shown: filtered out, or not there. */
  isLinkHidden = $state(false);
  expanded = $state.raw<ReadonlySet<number>>(new Set());
  /** Whether the drawn rows may show other entries: nobody has any of them in hand. */
  mayTurn: () => boolean = () => false;

  readonly #feed: LogFeed;
  readonly #list: LogList;
  readonly #place = new ReadersPlace();
  #pin = 0; // the end of the marked entries that stays while they are extended
  #isHeldByPointer = false;
  readonly #frames = new Frames(() => this.#paint());

  constructor(
    readonly logs: TaskLogs,
    environment: FollowEnvironment,
  ) {
    this.#feed = new LogFeed(
      logs,
      {
        opened: (place) => this.#opened(place),
        changed: () => this.#frames.ask(),
        // drawn between two frames where somebody waits for it
        filled: () => (this.frame.isAway ? this.#paint() : this.#frames.ask()),
        tail: (event) => this.#dispatch(event),
        counted: (counts) => (this.total = Math.max(this.total, counts.total ?? 0)),
        problem: (words) => (this.problem = words),
        refused: (refusal) => (this.refusal = refusal),
        missing: () => (this.phase = this.phase === 'ready' ? 'ready' : 'missing'),
      },
      environment,
    );
    this.#list = new LogList(this.#feed.window);
  }

  /** Shows the entries of a filter: at the marked ones, else where the reader is, else `place`. */
  open(filters: LogFilters, marked: SeqRange | null, place: number | null = null): void {
    [this.marked, this.refusal] = [marked, null];
    void this.#feed.open(filters, this.phase === 'ready' ? this.place() : place);
  }

  close(): void {
    this.#feed.close();
    this.#frames.stop();
  }

  hurry = (): void => this.#feed.hurry(); // the network is back

  entryAt = (rank: number): SlimEntry | undefined => this.#feed.window.at(rank);

  /** The entry where somebody reads on who does not follow the newest. */
  place = (): number | null =>
    this.tail.mode === 'FOLLOW' ? null : this.#place.at(this.frame.firstSeq);

  /** The entry that the reader's hand is on. */
  focused = (): SlimEntry | undefined =>
    this.focusedRank === null ? undefined : this.entryAt(this.focusedRank);

  resized(height: number, rowEstimate: number, look: string): void {
    this.#list.resized(height, rowEstimate, look);
    this.#paint();
  }

  measured(sizes: readonly (readonly [number, number])[]): void {
    if (this.#list.measured(sizes)) this.#paint();
  }

  /** Whether entries that say the same in a row are one row. */
  fold(isFolding: boolean): void {
    if (this.#list.fold(isFolding)) this.#paint();
  }

  /** Gives each of a run its own row, or takes them back. */
  toggleFold(rank: number): void {
    this.hold();
    this.#list.toggleFold(rank);
    this.#paint();
  }

  scrolled(top: number, height: number): void {
    const scroll = this.#list.scrolled(top, height);
    if (!scroll) return;
    if (!scroll.isAtEnd) this.#dispatch({ type: 'scrolledUp' });
    else if (scroll.moved >= 0) this.#dispatch({ type: 'reachedEnd' });
    this.#paintFirst();
  }

  synced = (top: number): void => this.#list.synced(top);

  /** Nothing moves while a pointer is down on the rows. */
  holdByPointer = (): void => void (this.#isHeldByPointer = true);

  releasePointer(hasSelection: boolean): void {
    this.#isHeldByPointer = false;
    if (hasSelection) this.hold();
    this.#frames.ask();
  }

  /** Somebody reads: new entries move nothing. */
  hold = (): void => this.#dispatch({ type: 'rowHeld' });

  leaveEnd(): void {
    if (!this.#list.isAtStart) this.#dispatch({ type: 'scrolledUp' });
  }

  /** The task is not over, by its summary. */
  wentOn = (): void => this.#dispatch({ type: 'wentOn' });

  togglePause(): void {
    if (this.tail.mode === 'PAUSED') this.resume();
    else this.#dispatch({ type: 'pauseToggled' });
    this.#frames.ask();
  }

  resume(): void {
    this.#dispatch({ type: 'resumed' });
    this.goToEnd();
  }

  goToStart(): void {
    this.focusedRank = null; // who goes away from an entry leaves it
    this.#dispatch({ type: 'scrolledUp' });
    this.#goTo(0, 'start');
  }

  goToEnd(): void {
    this.focusedRank = null;
    this.#dispatch({ type: 'jumpedToEnd' });
    this.#goTo(this.#feed.window.count - 1, 'nearest');
  }

  goToShare(share: number): void {
    this.focusedRank = null;
    this.#dispatch({ type: 'scrolledUp' });
    this.#list.goToShare(share);
    this.#paint();
  }

  page(views: number): void {
    this.focusedRank = null;
    this.#list.page(views);
    this.#dispatch({ type: this.#list.isAtEnd && views > 0 ? 'reachedEnd' : 'scrolledUp' });
    this.#paint();
  }

  /** Marks an entry as the one the address names; or all up to it, from the one that was marked. */
  link(seq: number, isExtended = false): void {
    if (!isExtended || !this.marked) this.#pin = seq;
    this.marked = between(this.#pin, seq);
    this.isLinkHidden = false;
    this.hold();
  }

  /** Opens the view at an entry; one that the address names is shown whole. */
  async goToSeq(seq: number, { isMarked = false } = {}): Promise<void> {
    this.#dispatch({ type: isMarked ? 'linkOpened' : 'rowHeld' });
    try {
      const { rank, isShown } = await this.#feed.place(seq);
      if (isMarked) this.isLinkHidden = !isShown;
      const isWhole = isMarked && isShown && this.marked?.last === seq;
      if (isWhole) this.expanded = new Set([...this.expanded, seq]);
      this.focusedRank = Math.max(0, Math.min(rank, this.#feed.window.count - 1));
      this.#list.reveal(this.focusedRank);
      this.#goTo(this.focusedRank, 'reading');
    } catch {
      this.#frames.ask(); // another filter was opened, or the feed says that the server is away
    }
  }

  goToMarked(marked: SeqRange): void {
    [this.marked, this.#pin] = [marked, marked.first];
    void this.goToSeq(marked.first, { isMarked: true });
  }

  moveFocus(step: number): void {
    const from = this.focusedRank ?? this.#list.firstVisible - step;
    this.focusedRank = this.#list.stepFrom(from, step);
    this.hold();
    this.#goTo(this.focusedRank, 'nearest');
  }

  toggle(seq: number): void {
    this.#list.release();
    this.hold();
    const others = new Set(this.expanded);
    this.expanded = others.delete(seq) ? others : others.add(seq);
  }

  #opened(place: Place | null): void {
    [this.isLinkHidden, this.focusedRank] = [false, null];
    this.#list.reset();
    this.#dispatch({ type: 'viewOpened' });
    if (this.marked) return this.goToMarked(this.marked); // the end would be drawn in vain
    if (!place) return this.#paintFirst();
    this.hold();
    this.#goTo(place.rank, 'start');
    this.#place.opened(place.seq, this.frame.firstSeq);
  }

  #dispatch(event: TailEvent): void {
    if (event.type === 'arrived') this.received += event.count;
    this.tail = next(this.tail, event);
  }

  #goTo(...to: Parameters<LogList['goTo']>): void {
    this.#list.goTo(...to);
    this.#paintFirst();
  }

  /** What is in sight now, and what lies around it once the view rests. */
  #paintFirst(): void {
    this.#frames.after(SCROLL_RESTS_MS);
    this.#paint();
  }

  #paint(): void {
    const isFollowing = this.tail.mode === 'FOLLOW' && !this.#isHeldByPointer;
    if (this.#feed.isOpen) this.phase = 'ready';
    const need = (first: number, end: number): void => this.#feed.need(first, end);
    const frame = (this.frame = this.#list.frame(isFollowing, need, this.mayTurn()));
    if (frame.isAway) this.#frames.after(PLACES_AFTER_MS);
  }
}
