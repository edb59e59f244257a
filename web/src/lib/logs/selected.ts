import type { SlimEntry } from '$lib/api/entries';
import { clauseOf } from '$lib/format/clauses';
import { lineOf } from '$lib/format/entryText';
import type { RowView } from '$lib/state/logFrame';
import { isSelecting } from './rowEvents';

/** Text that is selected over several rows, one line for each entry; else null. */
export function selectedLines(box: Element, rows: readonly RowView[]): string | null {
  const selection = getSelection();
  if (!selection || !isSelecting(box)) return null;
  const taken = rows.flatMap(({ entry, rank }) => {
    const row = box.querySelector(`[data-rank="${rank}"]`);
    return entry && row && selection.containsNode(row, true) ? [entry] : [];
  });
  return taken.length < 2 ? null : taken.map(lineOf).join('\n');
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
