import type { SlimEntry } from '$lib/api/entries';
import { clauseOf } from '$lib/format/clauses';
import { lineOf } from '$lib/format/entryText';
import type { Frame } from '$lib/state/logFrame';
import type { LogView } from '$lib/state/logView.svelte';
import { holds } from '$lib/window/seqRange';
import { isSelecting } from './rowEvents';

/** The entry of a row that is drawn. */
export function drawn({ rows }: Pick<Frame, 'rows'>, seq?: number | null): SlimEntry | undefined {
  return rows.find(({ entry }) => entry?.seq === seq)?.entry ?? undefined;
}

/** The entry in focus, else the marked one where it stands. */
export function inHand(
  { focused, frame, marked }: Pick<LogView, 'focused' | 'frame' | 'marked'>, //
): SlimEntry | undefined {
  return focused() ?? drawn(frame, marked?.first);
}

/**
 * Whence errors are looked for with nothing in hand: from what is in view. At the end of the log,
 * where one stands unless one went elsewhere, backwards from the end and forwards from the first.
 */
export function besideView(
  { inView, firstSeq, lastSeq }: Pick<Frame, 'inView' | 'firstSeq' | 'lastSeq'>,
  step: 1 | -1,
): number {
  if (inView[1] >= 1) return step > 0 ? 0 : lastSeq + 1;
  const first = firstSeq ?? 1;
  return step > 0 ? first - 1 : first;
}

/** Text that is selected over several rows, one line for each entry, folded ones too; else null. */
export function selectedLines(
  box: Element,
  { frame, entryAt }: Pick<LogView, 'frame' | 'entryAt'>,
): string | null {
  const selection = getSelection();
  if (!selection || !isSelecting(box)) return null;
  const taken = frame.rows.filter(({ entry, rank }) => {
    const row = box.querySelector(`[data-rank="${rank}"]`);
    return entry && row && selection.containsNode(row, true);
  });
  if (taken.length < 2) return null;
  const entries = taken.flatMap(({ rank, times, isOpen }) =>
    Array.from({ length: isOpen ? 1 : times }, (_, at) => entryAt(rank + at) ?? []),
  );
  return entries.flat().map(lineOf).join('\n');
}

/** The clause that leaves out the level, source or stage under the pointer; null elsewhere. */
export function clauseAt(
  target: Element,
  view: { entryAt(rank: number): SlimEntry | undefined },
): string | null {
  const key = (['level', 'source', 'stage'] as const).find((name) => target.closest(`.${name}`));
  const rank = target.closest<HTMLElement>('[data-rank]')?.dataset.rank;
  const value = key && rank ? view.entryAt(Number(rank))?.[key] : null;
  return key && value ? clauseOf(key, value, true) : null;
}

/** Moves the open end of what is marked by one row. */
export function extend(view: LogView, step: 1 | -1): void {
  const from = view.focused();
  if (from && !holds(view.marked, from.seq)) view.link(from.seq);
  view.moveFocus(step);
  const focused = view.focused();
  if (focused) view.link(focused.seq, true);
}
