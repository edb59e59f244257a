import { describe, expect, it } from 'vitest';
import { NEW_TAIL, next, stateOf, type Mode, type Tail, type TailEvent } from './tailMachine';

const in_ = (mode: Mode, rest: Partial<Tail> = {}): Tail => ({ ...NEW_TAIL, mode, ...rest });

describe('the reader’s hand', () => {
  it.each<[Mode, TailEvent['type'], Mode]>([
    ['FOLLOW', 'scrolledUp', 'HELD'],
    ['FOLLOW', 'rowHeld', 'HELD'],
    ['FOLLOW', 'pauseToggled', 'PAUSED'],
    ['FOLLOW', 'linkOpened', 'LINKED'],
    ['FOLLOW', 'reachedEnd', 'FOLLOW'],
    ['HELD', 'scrolledUp', 'HELD'],
    ['HELD', 'reachedEnd', 'FOLLOW'],
    ['HELD', 'jumpedToEnd', 'FOLLOW'],
    ['HELD', 'resumed', 'FOLLOW'],
    ['HELD', 'pauseToggled', 'PAUSED'],
    ['HELD', 'linkOpened', 'LINKED'],
    ['HELD', 'rowHeld', 'HELD'],
    ['HELD', 'viewOpened', 'FOLLOW'],
    ['PAUSED', 'reachedEnd', 'PAUSED'],
    ['PAUSED', 'jumpedToEnd', 'PAUSED'],
    ['PAUSED', 'scrolledUp', 'PAUSED'],
    ['PAUSED', 'viewOpened', 'PAUSED'],
    ['PAUSED', 'pauseToggled', 'FOLLOW'],
    ['PAUSED', 'resumed', 'FOLLOW'],
    ['LINKED', 'jumpedToEnd', 'FOLLOW'],
    ['LINKED', 'resumed', 'FOLLOW'],
    ['LINKED', 'scrolledUp', 'HELD'],
    ['LINKED', 'reachedEnd', 'FOLLOW'],
    ['LINKED', 'pauseToggled', 'PAUSED'],
    ['LINKED', 'rowHeld', 'LINKED'],
  ])('%s, %s → %s', (mode, type, expected) => {
    expect(next(in_(mode), { type } as TailEvent).mode).toBe(expected);
  });
});

describe('new entries', () => {
  it('are not counted as unseen while the view follows', () => {
    expect(next(in_('FOLLOW'), { type: 'arrived', count: 5, errors: 1 }).unseen).toBe(0);
  });

  it.each<Mode>(['HELD', 'PAUSED', 'LINKED'])('are counted in %s, errors apart', (mode) => {
    const once = next(in_(mode), { type: 'arrived', count: 5, errors: 1 });
    const twice = next(once, { type: 'arrived', count: 3, errors: 1 });

    expect(twice).toMatchObject({ mode, unseen: 8, unseenErrors: 2 });
  });

  it('are all seen once the view follows again', () => {
    const held = in_('HELD', { unseen: 8, unseenErrors: 2 });

    expect(next(held, { type: 'reachedEnd' })).toMatchObject({ unseen: 0, unseenErrors: 0 });
  });
});

describe('the state to show', () => {
  it.each<[string, Tail, string]>([
    ['a live view', in_('FOLLOW'), 'FOLLOW'],
    ['a lost connection', in_('HELD', { isConnected: false }), 'RECONNECTING'],
    ['an ended task', in_('FOLLOW', { endStatus: 'completed' }), 'ENDED'],
    ['an ended task, read above the end', in_('HELD', { endStatus: 'failed' }), 'ENDED'],
    ['late entries after the end', in_('HELD', { endStatus: 'failed', unseen: 2 }), 'HELD'],
    ['a pause', in_('PAUSED', { endStatus: 'failed' }), 'PAUSED'],
    ['a permalink', in_('LINKED'), 'LINKED'],
  ])('%s', (_, tail, expected) => {
    expect(stateOf(tail)).toBe(expected);
  });

  it('comes back to the mode from before the connection was lost', () => {
    const lost = next(in_('HELD', { unseen: 4 }), { type: 'disconnected', retryInMs: 900 });
    const back = next(lost, { type: 'connected' });

    expect(lost.retryInMs).toBe(900);
    expect(back).toMatchObject({ mode: 'HELD', unseen: 4, retryInMs: null });
  });

  it('is live again when an ended task goes on', () => {
    const ended = next(in_('FOLLOW'), { type: 'ended', status: 'failed' });

    expect(stateOf(next(ended, { type: 'wentOn' }))).toBe('FOLLOW');
  });
});
