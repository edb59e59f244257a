import type { SlimEntry } from '$lib/api/entries';
import { readStages } from '$lib/api/stages';
import { LOG_FILTERS } from '$lib/api/types';
import { clauseOf, toggled } from '$lib/format/clauses';
import { counted } from '$lib/format/bytes';
import { placeIn } from '$lib/format/place';
import { formatDay } from '$lib/format/time';
import { FindRun } from '$lib/state/findRun.svelte';
import { LogOverview } from '$lib/state/logOverview.svelte';
import type { LogView } from '$lib/state/logView.svelte';
import type { Actions } from '$lib/ui/keyboard.svelte';
import { switchesOf, toggleBookmark } from '$lib/state/lookSwitches';
import { between } from '$lib/window/seqRange';
import { copied, linesIn, MOST_COPIED } from './copied';
import { besideView, clauseAt, drawn, extend, inHand } from './selected';
import type { Surroundings } from './surroundings';

/** What a reader of the log can do, whichever key or button asks for it. */
const NOTICE_MS = 4_000;
const LEVELS = ['', 'debug', 'info', 'warning', 'error', 'critical'];
const NOTHING = Object.fromEntries(LOG_FILTERS.map((name) => [name, '']));
export class LogActs {
  /** Something that was done just now, in words. */
  notice = $state<string | null>(null);
  sheet = $state<'facets' | 'menu' | null>(null);
  hasFind = $state(false);
  hasDrawer = $state(false);
  /** The find bar's field, while it is there. */
  findField: { focus(): void } | undefined = $state();

  readonly find: FindRun;
  readonly overview: LogOverview;
  readonly keys: Actions;
  readonly #around: Surroundings;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(around: Surroundings) {
    this.#around = around;
    this.find = new FindRun(around.view.logs);
    this.overview = new LogOverview(around.view.logs);
    this.keys = { ...this.#moves(), ...this.#marks(), ...this.#looks(), ...this.#sheets() };
  }

  get #view(): LogView {
    return this.#around.view;
  }

  /** Puts a clause into the typed filter, or takes it out. */
  toggleClause(clause: string | null): void {
    if (clause) this.#around.onfilter({ q: toggled(this.#around.filters().q ?? '', clause) });
  }

  /** Leaves out the level, source or stage that was pointed at. */
  exclude(target: Element): void {
    this.toggleClause(clauseAt(target, this.#view));
  }

  toggleSheet(sheet: 'facets' | 'menu'): void {
    this.sheet = this.sheet === sheet ? null : sheet;
  }

  closeFind(): void {
    this.hasFind = false;
    void this.find.start('', {});
  }

  /** The entry at hand: the one in focus, else the marked one where it stands, else the first. */
  get #here(): SlimEntry | undefined {
    return inHand(this.#view) ?? drawn(this.#view.frame, this.#view.frame.firstSeq);
  }

  /** Leads to an entry, a time or a share of the log; answers what was wrong. */
  async goTo(text: string): Promise<string | null> {
    const view = this.#view;
    const { zone } = this.#around.look;
    const day = formatDay(this.#here?.timestamp, zone);
    const place = placeIn(text, day, zone);
    if (!place) return `“${text}” is no entry, time or share.`;
    if ('share' in place) view.goToShare(place.share);
    else if ('seq' in place) this.#goToLink(place.seq);
    else {
      const seq = await view.logs.seqAt(place.moment, this.#around.filters()).catch(() => null);
      if (seq === null) return 'No entry is so late.';
      this.#goToLink(seq);
    }
    return null;
  }

  async startFind(text: string): Promise<void> {
    const { find } = this;
    await find.start(text, this.#around.filters());
    if (!text || find.text !== text) return;
    // Whoever stands at the end looks for the newest, whoever reads for the next.
    const { frame } = this.#view;
    const isAtEnd = frame.inView[1] >= 1;
    find.at = isAtEnd ? Number.MAX_SAFE_INTEGER : (frame.firstSeq ?? 1) - 1;
    await this.stepFind(isAtEnd ? -1 : 1);
  }

  /** Goes to the next hit, and round the end to the first. */
  async stepFind(step: 1 | -1): Promise<void> {
    const { find } = this;
    const { text } = find;
    if (!text) return;
    const seq =
      (await find.next(find.at ?? this.#here?.seq ?? 0, step)) ?? (await this.#round(step, text));
    if (seq !== null && find.text === text) await this.#view.goToSeq(seq);
  }

  async #round(step: 1 | -1, text: string): Promise<number | null> {
    const { find } = this;
    if (find.text !== text) return null;
    const seq = await find.next(step > 0 ? 0 : Number.MAX_SAFE_INTEGER, step);
    if (seq !== null) this.#tell('went round the end');
    return seq;
  }

  #goToLink(seq: number): void {
    this.#view.goToMarked(between(seq, seq));
    this.#around.showMarked();
  }

  #moves(): Actions {
    return {
      next: () => this.#view.moveFocus(1),
      previous: () => this.#view.moveFocus(-1),
      first: () => this.#view.goToStart(),
      last: () => this.#view.goToEnd(),
      pageDown: () => this.#view.page(1),
      pageUp: () => this.#view.page(-1),
      pause: () => this.#view.togglePause(),
      follow: () => this.#view.resume(),
      nextError: () => void this.#goToError(1),
      previousError: () => void this.#goToError(-1),
      nextPart: () => void this.#goToStage(1),
      previousPart: () => void this.#goToStage(-1),
      nextHit: () => void this.stepFind(1),
      previousHit: () => void this.stepFind(-1),
    };
  }

  #marks(): Actions {
    return {
      expand: () => this.#here && this.#view.toggle(this.#here.seq),
      extendDown: () => this.#extend(1),
      extendUp: () => this.#extend(-1),
      copyLink: () => void this.#copyLink(),
      copyText: () => void this.#copyText(),
      context: () => this.#context(),
      bookmark: () => this.#here && toggleBookmark(this.#around.look, this.#here.seq),
    };
  }

  #looks(): Actions {
    const { look, onfilter } = this.#around;
    return {
      ...switchesOf(look),
      level: (event) => onfilter({ min_level: LEVELS[Number(event?.key) - 1] ?? '' }),
      sameSource: () => this.#here && this.toggleClause(clauseOf('source', this.#here.source)),
    };
  }

  #sheets(): Actions {
    return {
      find: () => this.#openFind(),
      drawer: () => (this.hasDrawer = !this.hasDrawer),
      close: () => this.#close(),
    };
  }

  /** Opens the find bar; pressed once more in it, the key is the browser's. */
  #openFind(): boolean {
    if (this.hasFind && document.activeElement?.closest('.find')) return false;
    this.hasFind = true;
    this.findField?.focus();
    return true;
  }

  /** Closes the innermost of what is open; false where nothing is. */
  #close(): boolean {
    if (this.sheet) this.sheet = null;
    else if (this.hasFind) this.closeFind();
    else if (this.hasDrawer) this.hasDrawer = false;
    else return false;
    return true;
  }

  #extend(step: 1 | -1): void {
    extend(this.#view, step);
    this.#around.showMarked();
  }

  async #goToError(step: 1 | -1): Promise<void> {
    const { frame, logs } = this.#view;
    const from = inHand(this.#view)?.seq ?? besideView(frame, step);
    const seq = await logs.errorFrom(from, step, this.#around.filters()).catch(() => null);
    if (seq === null) this.#tell(step > 0 ? 'no error after this' : 'no error before this');
    else this.#goToLink(seq);
  }

  async #goToStage(step: 1 | -1): Promise<void> {
    const from = this.#here?.seq ?? 0;
    const { api, taskId } = this.#view.logs;
    const stages = await readStages(api, taskId, AbortSignal.timeout(10_000)).catch(() => []);
    const starts = stages.flatMap(({ first_seq }) => first_seq ?? []);
    const ahead = starts.filter((start) => (start - from) * step > 0);
    const [seq] = ahead.sort((a, b) => (a - b) * step);
    if (seq === undefined) this.#tell(step > 0 ? 'no stage begins after this' : 'no stage before');
    else await this.#view.goToSeq(seq);
  }

  /** The row among its neighbours: without the filter, which the browser's way back brings again. */
  #context(): void {
    const hash = this.#here && `#L${this.#here.seq}`;
    if (hash) this.#around.onfilter(NOTHING, { hash, isStep: true });
  }

  async #copyLink(): Promise<void> {
    const here = this.#here;
    const { marked } = this.#view;
    if (!here) return;
    if (!marked || here.seq < marked.first || here.seq > marked.last) this.#view.link(here.seq);
    this.#around.showMarked();
    await this.#toClipboard(location.href, 'link copied');
  }

  async #copyText(): Promise<void> {
    const here = this.#here;
    if (!here) return;
    const range = this.#view.marked ?? between(here.seq, here.seq);
    try {
      const lines = await linesIn(this.#view.logs, this.#around.filters(), range);
      const words = `${counted(lines.length, 'entry', 'entries')} copied`;
      const rest = lines.length < MOST_COPIED ? '' : '; the rest is a download';
      await this.#toClipboard(lines.join('\n'), words + rest);
    } catch {
      this.#tell('the server did not answer: nothing copied');
    }
  }

  async #toClipboard(text: string, words: string): Promise<void> {
    this.#tell((await copied(text)) ? words : 'this browser lets the page copy nothing');
  }

  #tell(words: string): void {
    this.notice = words;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => (this.notice = null), NOTICE_MS);
  }
}
