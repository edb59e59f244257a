import type { Opening } from '$lib/api/early';
import { drawFirstRows } from './firstRows';

/** What app.html loads first for a log: draws its rows, then lets the program begin. */
async function draw(opening: Opening): Promise<void> {
  await drawFirstRows(opening);
  await painted();
  if (opening.linked === 0 || location.hash.includes('-')) return; // many are marked, not opened
  await (await import('./firstDetails')).openLinked(opening);
  await painted();
}

const painted = (): Promise<void> =>
  new Promise((seen) => requestAnimationFrame(() => setTimeout(seen)));

const { opening } = window;
if (opening) void draw(opening).then(opening.drawn, opening.drawn);
