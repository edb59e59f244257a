import { drawFirstRows } from './firstRows';

/** What app.html loads first for a log: draws its rows, then lets the program begin. */
const { opening } = window;
if (opening) {
  const begin = (): void => void requestAnimationFrame(() => setTimeout(opening.drawn));
  void drawFirstRows(opening).then(begin, opening.drawn);
  // What the program opens a linked entry with comes beside the program, not after it.
  if (opening.linked > 0) void window.shown?.then(() => import('./EntryDetails.svelte'));
}
