import type { Status } from '$lib/api/types';

/** How a status is shown: a sign, a word and a tone, so that nothing hangs on colour alone. */
export interface StatusLook {
  readonly icon: string;
  readonly words: string;
  readonly tone: 'good' | 'bad' | 'warn' | 'live' | 'quiet';
}

const LOOKS: Readonly<Record<Status, StatusLook>> = {
  detected: { icon: '◌', words: 'detected', tone: 'quiet' },
  pending: { icon: '○', words: 'pending', tone: 'quiet' },
  active: { icon: '●', words: 'active', tone: 'live' },
  completed: { icon: '✓', words: 'completed', tone: 'good' },
  failed: { icon: '✕', words: 'failed', tone: 'bad' },
  cancelled: { icon: '⊘', words: 'cancelled', tone: 'quiet' },
  blocked: { icon: '▲', words: 'blocked', tone: 'warn' },
};

/** What workers, executions and stages are called besides. */
const OTHER_WORDS: Readonly<Record<string, Status>> = {
  running: 'active',
  spawned: 'active',
  terminated: 'cancelled',
  unfinished: 'detected',
  'no end told': 'detected',
};

export const STATUSES = Object.keys(LOOKS) as Status[];

/** The look of a status; one we do not know is shown by its own name. */
export function lookOf(status: string): StatusLook {
  const known = LOOKS[OTHER_WORDS[status] ?? (status as Status)];
  return known ? { ...known, words: status } : { icon: '?', words: status, tone: 'quiet' };
}
