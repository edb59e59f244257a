/**
 * What the live view does with new entries, as a pure state machine.
 *
 * The reader is never moved: leaving the end holds the view, coming back to it follows again,
 * a pause stays until it is lifted. Whether the socket is up, and whether the task has ended, are
 * kept beside the mode, so that a lost connection changes nothing for somebody who reads.
 */
export type Mode = 'FOLLOW' | 'HELD' | 'PAUSED' | 'LINKED';
export type TailState = Mode | 'RECONNECTING' | 'BEHIND' | 'ENDED';

export interface Tail {
  readonly mode: Mode;
  readonly isConnected: boolean;
  /** Waiting time before the next attempt to connect, as told when the connection was lost. */
  readonly retryInMs: number | null;
  /** The task's last status, or null while it goes on. */
  readonly endStatus: string | null;
  /** Entries that came since the view stopped following. */
  readonly unseen: number;
  readonly unseenErrors: number;
  readonly unseenWarnings: number;
  /** Entries that came while the connection was lost, until that was told long enough. */
  readonly missed: number;
  /** Entries that the server has and this page was not sent yet. */
  readonly behind: number;
}

export interface Arrival {
  readonly count: number;
  readonly errors?: number;
  readonly warnings?: number;
  readonly behind?: number;
}

export type TailEvent =
  | { type: 'scrolledUp' | 'reachedEnd' | 'jumpedToEnd' | 'resumed' }
  | { type: 'pauseToggled' | 'rowHeld' | 'linkOpened' | 'viewOpened' | 'connected' }
  | { type: 'disconnected'; retryInMs: number }
  | ({ type: 'arrived' } & Arrival)
  | { type: 'missed'; count: number }
  | { type: 'missedTold' }
  | { type: 'ended'; status: string }
  | { type: 'wentOn' };

export const NEW_TAIL: Tail = {
  mode: 'FOLLOW',
  isConnected: true, // a view that has not tried yet has lost nothing
  retryInMs: null,
  endStatus: null,
  unseen: 0,
  unseenErrors: 0,
  unseenWarnings: 0,
  missed: 0,
  behind: 0,
};

const FAR_BEHIND = 2_000; // entries; fewer are a moment's work

/** The mode after an event of the reader's hand; a pair that is missing changes nothing. */
const MODES: Record<Mode, Partial<Record<TailEvent['type'], Mode>>> = {
  FOLLOW: { scrolledUp: 'HELD', rowHeld: 'HELD', pauseToggled: 'PAUSED', linkOpened: 'LINKED' },
  HELD: {
    reachedEnd: 'FOLLOW',
    jumpedToEnd: 'FOLLOW',
    resumed: 'FOLLOW',
    pauseToggled: 'PAUSED',
    linkOpened: 'LINKED',
    viewOpened: 'FOLLOW',
  },
  PAUSED: { pauseToggled: 'FOLLOW', resumed: 'FOLLOW' },
  LINKED: {
    scrolledUp: 'HELD',
    reachedEnd: 'FOLLOW',
    jumpedToEnd: 'FOLLOW',
    resumed: 'FOLLOW',
    pauseToggled: 'PAUSED',
    viewOpened: 'FOLLOW',
  },
};

export function next(tail: Tail, event: TailEvent): Tail {
  switch (event.type) {
    case 'arrived':
      return withArrival({ ...tail, behind: event.behind ?? 0 }, event);
    case 'missed':
      return { ...tail, missed: tail.missed + event.count };
    case 'missedTold':
      return { ...tail, missed: 0 };
    case 'connected':
      return { ...tail, isConnected: true, retryInMs: null };
    case 'disconnected':
      return { ...tail, isConnected: false, retryInMs: event.retryInMs };
    case 'ended':
      return withEnd(tail, event.status);
    case 'wentOn':
      return withEnd(tail, null);
    default:
      return withMode(tail, MODES[tail.mode][event.type] ?? tail.mode);
  }
}

/** The one state to show: a lost connection before all, an end only where nothing waits. */
export function stateOf(tail: Tail): TailState {
  if (!tail.isConnected) return 'RECONNECTING';
  if (tail.mode === 'FOLLOW' && tail.behind > FAR_BEHIND) return 'BEHIND';
  if (tail.endStatus !== null && tail.mode !== 'PAUSED' && tail.unseen === 0) return 'ENDED';
  return tail.mode;
}

function withEnd(tail: Tail, endStatus: string | null): Tail {
  return tail.endStatus === endStatus ? tail : { ...tail, endStatus };
}

function withMode(tail: Tail, mode: Mode): Tail {
  if (mode === tail.mode) return tail;
  const isSeen = mode === 'FOLLOW';
  return isSeen
    ? { ...tail, mode, unseen: 0, unseenErrors: 0, unseenWarnings: 0 }
    : { ...tail, mode };
}

function withArrival(tail: Tail, { count, errors = 0, warnings = 0 }: Arrival): Tail {
  if (tail.mode === 'FOLLOW') return tail;
  return {
    ...tail,
    unseen: tail.unseen + count,
    unseenErrors: tail.unseenErrors + errors,
    unseenWarnings: tail.unseenWarnings + warnings,
  };
}
