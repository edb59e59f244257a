import { slim, type SlimEntry } from '$lib/api/entries';
import type { Opened, Opening } from '$lib/api/early';
import { withoutSpecial } from '$lib/format/special';
import { storedChoices, type Choices } from '$lib/state/choices';
import type { Frame } from '$lib/state/logFrame';
import { belowOf, guessedHeight, LogList } from '$lib/state/logList';
import { SeqWindow } from '$lib/window/seqWindow';
import { made, rowOf } from './firstRow';
import { dayAbove, timeOf } from './rowTimes';

/**
 * The rows that a log opens with, drawn before the program is there that shows the log.
 *
 * app.html asks for them and loads this file; the program begins once they are painted, draws the
 * same rows in the same place, and takes these away. They are found by the program's own list, so
 * that which rows they are is nobody's second opinion.
 */
const HEAD = 198; // pixels above the rows, where the task has a title of one line
const STAGES = 35; // and the strip of its stages
const BELOW = 47;
const ERROR = 27; // and the line that says why it failed
const ROW = 20;

export async function drawFirstRows(asked: Opening): Promise<void> {
  const opened = await asked.opened;
  if (opened && opened.logs.length > 0) await draw(opened, asked);
}

async function draw(opened: Opened, { linked, beside }: Opening): Promise<void> {
  const choices = storedChoices();
  const pages = new SeqWindow<SlimEntry>();
  pages.setTail(opened.logs.map(slim), opened.total_count);
  if (linked > 0 && !pages.at(linked - 1)) {
    const start = Math.floor((linked - 1) / pages.pageSize);
    const page = await beside;
    pages.fill(start, pages.requestFor(start), page?.logs.map(slim) ?? []);
  }
  const at = linked > 0 ? linked - 1 : null;
  if (at !== null && pages.at(at)?.seq !== linked) return; // the program says so
  const head = headOf(opened);
  const frame = frameOf(pages, at, innerHeight - head - BELOW, choices);
  show(opened, frame, rowsIn(opened, frame, at, choices), { head, at, choices });
}

const headOf = ({ task, stages }: Opened): number =>
  HEAD + (stages.length > 0 ? STAGES : 0) + (task?.error ? ERROR : 0);

function frameOf(
  window: SeqWindow<SlimEntry>,
  at: number | null,
  height: number,
  choices: Choices,
): Frame {
  const list = new LogList(window);
  list.resized(height, ROW + 2 * paddingOf(choices), '');
  list.reset();
  if (at !== null) {
    list.reveal(at);
    list.goTo(at, 'reading');
  }
  return list.frame(at === null, () => undefined);
}

function rowsIn(
  { task }: Opened,
  { rows }: Frame,
  at: number | null,
  choices: Choices,
): HTMLElement[] {
  const { timeMode, zone, isWrapped } = choices;
  const start = task?.started_at ?? task?.created_at ?? null;
  return rows.map((row) => {
    const { entry, rank } = row;
    if (!entry) return placeOf(ROW + 2 * paddingOf(choices));
    const time = timeOf(row, timeMode, zone, start);
    const day = dayAbove(row, zone);
    return rowOf({ row, entry, time, day, isFlat: !isWrapped, isLinked: rank === at });
  });
}

/** The room of an entry that is not there yet. */
function placeOf(height: number): HTMLElement {
  const place = made('div', '');
  place.style.height = `${height}px`;
  return place;
}

interface Place {
  readonly head: number;
  readonly at: number | null;
  readonly choices: Choices;
}

function show(
  { task, stages }: Opened,
  { lastSeq }: Frame,
  rows: readonly HTMLElement[],
  { head, at, choices }: Place,
): void {
  if (!window.opening) return; // the program was faster
  const title = made('h1', '', withoutSpecial(task?.title ?? '') || (task?.task_id ?? ''));
  const top = made('div', 'head', title);
  top.style.height = `${head}px`;
  const box = made('div', 'scroller s-rows', ...rows);
  box.style.setProperty('--seq-width', `${String(lastSeq).length}ch`);
  box.style.setProperty('--row-pad', `${paddingOf(choices)}px`);
  if (stages.length === 0) box.style.setProperty('--stage', '0px');
  const all = made('div', 'first-rows', top, box, made('div', 'below'));
  all.ariaHidden = 'true'; // those of the program are read aloud
  all.onclick = keepPress;
  document.body.append(all);
  const row = at === null ? null : box.querySelector<HTMLElement>('.linked');
  box.scrollTop = row
    ? row.offsetTop - box.clientHeight + belowOf(guessedHeight())
    : box.scrollHeight;
}

const paddingOf = ({ density }: Choices): number => (density === 'compact' ? 0 : 3);

/** What is clicked is marked: the program's own row does what it asks for. */
function keepPress(event: MouseEvent): void {
  const pressed = (event.target as Element).closest<HTMLElement>('button, a');
  if (!pressed || pressed.closest('.details')) return; // those do it themselves
  event.preventDefault();
  pressed.dataset.pressed = '';
}

/**
 * Takes the rows away, or keeps them from coming: the program's own stand in their place. One that
 * is open among them stays until it is open there, too.
 */
export function leaveFirstRows(): void {
  delete window.opening;
  const all = document.querySelector('.first-rows');
  const isOpening = document.querySelector('.page .inside:not(:has(dl, .problem))');
  if (isOpening && all?.querySelector('.details'))
    return void requestAnimationFrame(leaveFirstRows);
  all?.remove();
  for (const pressed of all?.querySelectorAll('[data-pressed]') ?? []) {
    const seq = pressed.closest<HTMLElement>('[data-seq]')?.dataset.seq;
    const own = `.page [data-seq="${seq}"] .${pressed.classList[0]}`;
    document.querySelector<HTMLElement>(own)?.click();
  }
}
