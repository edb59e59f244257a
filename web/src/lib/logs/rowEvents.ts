/** What a pointer or a selection means in the rows below `box`; each row has its `data-rank`. */
export function isSelecting(box: Element): boolean {
  const selection = getSelection();
  return selection !== null && !selection.isCollapsed && box.contains(selection.anchorNode);
}
