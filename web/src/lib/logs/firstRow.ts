import type { SlimEntry } from '$lib/api/entries';
import { hueOf } from '$lib/format/hue';
import { withoutSpecial } from '$lib/format/special';
import type { RowView } from '$lib/state/logFrame';
import { asideOf, kindOf, messageOf, sourceOf, type Kind } from './kinds';
import { levelLook } from './levels';
import { flatPreviewOf, moreOf, previewOf, type Preview } from './preview';

/**
 * A row of the log as LogViewport, LogEntryRow and what is in them draw it, made by hand: before
 * the program is there. It looks the same, and says nothing of what only the program can do; a test
 * in a browser holds the two against each other.
 *
 * The last class of each element is the name under which the build keeps a component's styles.
 */
export interface RowLook {
  readonly row: RowView;
  readonly entry: SlimEntry;
  readonly time: string;
  readonly day: string | null;
  readonly isFlat: boolean;
  /** Whether the address names it alone: it is marked, and opened. */
  readonly isLinked: boolean;
}

type Inner = string | Node;

/** An element of classes; texts in it are texts, whatever they say. */
export function made(name: string, classes: string, ...inner: readonly Inner[]): HTMLElement {
  const node = document.createElement(name);
  node.className = classes;
  node.append(...inner);
  return node;
}

export function rowOf(look: RowLook): HTMLElement {
  const { entry, day, isLinked } = look;
  const row = made('div', `${isLinked ? 'linked focused ' : ''}s-rows`);
  row.dataset.seq = String(entry.seq);
  if (day !== null) row.append(made('p', 'day s-rows', day));
  row.append(entryOf(look));
  return row;
}

function entryOf(look: RowLook): HTMLElement {
  const { entry, time, isFlat, isLinked } = look;
  const [level, kind] = [levelLook(entry.level), kindOf(entry)];
  const tones = [entry.level, kind.tone, isFlat && 'flat'].filter(Boolean).join(' ');
  const link = made('a', 'seq s-entry', String(entry.seq)) as HTMLAnchorElement;
  link.href = `#L${entry.seq}`;
  return made(
    'div',
    `row ${tones} s-entry`,
    made('button', 'opener s-entry', isLinked ? '▾' : '▸'),
    link,
    made('time', 's-entry', time),
    made('span', 'level s-entry', made('span', 'icon s-entry', level.icon), level.words),
    made('span', `source h${hueOf(entry.source)} s-entry`, sourceOf(entry)),
    made('span', 'stage s-entry', entry.stage ?? ''),
    made('span', 'message s-entry', ...messageIn(look, kind)),
    ...(isLinked ? [made('div', 'inside s-entry', 'Loading…')] : []),
  );
}

function messageIn({ row, entry, isFlat, isLinked }: RowLook, kind: Kind): Inner[] {
  const newest = row.last && !row.isOpen ? row.last : entry;
  const preview = (isFlat ? flatPreviewOf : previewOf)(messageOf(newest, kind));
  const aside = asideOf(entry, kind);
  const isCut = !isFlat && (preview.isCut || entry.cutFrom !== null);
  return [
    ...(kind.label ? [made('span', 'kind s-entry', kind.label)] : []),
    withoutSpecial(preview.head),
    ...(aside ? [made('span', 'aside s-entry', aside)] : []),
    ...meterOf(newest.percent),
    ...(row.times > 1 ? [made('button', 's-times', `×${row.times}`)] : []),
    ...(isCut ? moreIn(preview, moreOf(preview, entry.cutFrom, isLinked)) : []),
    withoutSpecial(preview.tail),
  ];
}

function meterOf(percent: number | null): HTMLElement[] {
  if (typeof percent !== 'number') return [];
  const clamped = Math.max(0, Math.min(100, percent));
  const bar = made('span', 'bar s-meter');
  bar.style.width = `${clamped}%`; // an attribute would be against the page's policy
  const number = made('span', 'number s-meter', `${Math.round(clamped)} %`);
  return [made('span', 'meter s-meter', made('span', 'track s-meter', bar), ' ', number)];
}

function moreIn({ tail }: Preview, words: string): Inner[] {
  const end = tail ? '\n' : '';
  return [end || ' ', made('button', 'more s-entry', words), end];
}
