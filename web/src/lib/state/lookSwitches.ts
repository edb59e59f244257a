import { TIMES, type LogLook } from './logLook.svelte';

/** What changes how the log is shown; no page needs it before its first rows. */
export function toggleWrap(look: LogLook): void {
  const isWrapped = !look.isWrapped;
  look.choose({ wrap: isWrapped ? '1' : '0' }, { isWrapped });
}

export function toggleFold(look: LogLook): void {
  look.choose({ fold: look.isFolded ? '0' : '' });
}

export function toggleDensity(look: LogLook): void {
  look.choose({}, { density: look.isCompact ? 'cosy' : 'compact' });
}

export function nextTimeMode(look: LogLook): void {
  const names = Object.keys(TIMES);
  const at = Object.values(TIMES).indexOf(look.timeMode);
  const name = names[(at + 1) % names.length] ?? 'abs';
  look.choose({ t: name }, { timeMode: TIMES[name] ?? 'clock' });
}

export function toggleBookmark(look: LogLook, seq: number): void {
  const rest = look.bookmarks.filter((one) => one !== seq);
  const all = rest.length < look.bookmarks.length ? rest : [...rest, seq];
  look.choose({ m: all.toSorted((a, b) => a - b).join(',') });
}

/** The same by key. */
export const switchesOf = (look: LogLook): Record<'wrap' | 'timeMode' | 'density', () => void> => ({
  wrap: () => toggleWrap(look),
  timeMode: () => nextTimeMode(look),
  density: () => toggleDensity(look),
});
