/** What a pointer or a selection means in the rows below `box`; each row has its `data-rank`. */
export function isSelecting(box: Element): boolean {
  const selection = getSelection();
  return selection !== null && !selection.isCollapsed && box.contains(selection.anchorNode);
}

/** The rank of a row that is pointed at itself; null of what is in it. */
export function rankOf(target: EventTarget | null): number | null {
  const rank = (target as HTMLElement | null)?.dataset.rank;
  return rank === undefined ? null : Number(rank);
}
