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

export const STATUSES = Object.keys(LOOKS) as Status[];

/** The look of a status; one we do not know is shown by its own name. */
export function lookOf(status: string): StatusLook {
  return LOOKS[status as Status] ?? { icon: '?', words: status, tone: 'quiet' };
}
