import type { Level } from '$lib/api/types';

/** How a level is shown: a sign and a word besides the colour. */
export interface LevelLook {
  readonly icon: string;
  readonly words: string;
}

export const LEVELS: Readonly<Record<Level, LevelLook>> = {
  debug: { icon: '·', words: 'debug' },
  info: { icon: '•', words: 'info' },
  warning: { icon: '▲', words: 'warn' },
  error: { icon: '✕', words: 'error' },
  critical: { icon: '✖', words: 'crit' },
};

export function levelLook(level: string): LevelLook {
  return LEVELS[level as Level] ?? { icon: '?', words: level };
}
