import { replaceState } from '$app/navigation';
import { page } from '$app/state';
import { PLACE } from '$lib/window/seqRange';

const RESTS_MS = 300;

/**
 * Keeps in the address where somebody reads, once that rests: a reload or the way back leads there
 * again. An entry that the address names is the place already. Returns what ends it.
 */
export function keptInAddress(seq: number | null): () => void {
  const rest = setTimeout(() => {
    const { href, hash } = location;
    const url = new URL(href);
    if (seq === null || hash) url.searchParams.delete(PLACE);
    else url.searchParams.set(PLACE, String(seq));
    // eslint-disable-next-line svelte/no-navigation-without-resolve -- the same page
    if (url.href !== href) replaceState(url, page.state);
  }, RESTS_MS);
  return () => clearTimeout(rest);
}
