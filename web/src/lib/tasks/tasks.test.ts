import { describe, expect, it } from 'vitest';
import type { Task } from '$lib/api/types';
import { elapsedSeconds, silentSeconds, toldOf } from './elapsed';
import { lookOf, STATUSES } from './statuses';

const task = (rest: Partial<Task>): Task =>
  ({ status: 'active', started_at: null, completed_at: null, ...rest }) as Task;
const noon = Date.UTC(2026, 10, 22, 12);

describe('elapsed time', () => {
  it.each([
    ['said by the server', task({ duration_seconds: 7 }), 7],
    ['still running', task({ started_at: '2026-11-22T11:59:00Z' }), 60],
    ['over', task({ started_at: '2026-11-22T11:00:00Z', completed_at: '2026-11-22T11:00:05Z' }), 5],
    [
      'told long after it happened',
      task({
        started_at: '2024-01-02T00:00:00Z',
        ...{ last_at: '2024-01-02T00:00:09Z', updated_at: '2026-11-22T11:59:59Z' },
      }),
      9,
    ],
    ['not started', task({ status: 'pending' }), null],
    [
      'blocked, its end unknown',
      task({ status: 'blocked', started_at: '2026-11-22T11:00:00Z' }),
      null,
    ],
  ])('%s', (_, given, expected) => {
    expect(elapsedSeconds(given, noon)).toBe(expected);
  });
});

describe('silence', () => {
  it.each([
    ['long', task({ updated_at: '2026-11-22T11:45:00Z' }), 900],
    ['short', task({ updated_at: '2026-11-22T11:51:00Z' }), null],
    ['after the end', task({ status: 'failed', updated_at: '2026-11-20T11:45:00Z' }), null],
    ['of which nothing is known', task({}), null],
  ])('%s', (_, given, expected) => {
    expect(silentSeconds(given, noon)).toBe(expected);
  });
});

describe('the stretch that is told of a task', () => {
  it('goes from its start to its last entry', () => {
    const [started_at, last_at] = ['2026-11-22T11:00:00Z', '2026-11-22T12:00:00Z'];

    expect(toldOf(task({ started_at, last_at }))).toEqual({
      startMs: noon - 3_600_000,
      endMs: noon,
    });
    expect(toldOf(task({ started_at }))).toBeNull();
    expect(toldOf(task({ started_at: last_at, last_at: started_at }))).toBeNull();
  });
});

describe('statuses', () => {
  it('have signs and words that differ', () => {
    expect(new Set(STATUSES.map((status) => lookOf(status).icon)).size).toBe(STATUSES.length);
    expect(lookOf('sleeping')).toMatchObject({ icon: '?', words: 'sleeping' });
  });
});
