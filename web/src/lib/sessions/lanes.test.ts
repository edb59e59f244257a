import { describe, expect, it } from 'vitest';
import type { CoordinatorEvent, SessionWithTasks, Worker } from '$lib/api/sessions';
import { pictureOf } from './lanes';

const at = (second: number): string => new Date(second * 1_000).toISOString();
const worker = (id: string, start: number | null, end: number | null): Worker =>
  ({
    ...{ worker_id: id, task_id: null, status: 'completed' },
    spawned_at: start === null ? null : at(start),
    completed_at: end === null ? null : at(end),
  }) as Worker;
const session = (workers: Worker[], more: object = {}): SessionWithTasks =>
  ({ started_at: at(0), ended_at: at(100), workers, ...more }) as unknown as SessionWithTasks;
const event = (second: number): CoordinatorEvent => ({ timestamp: at(second) }) as CoordinatorEvent;

describe('pictureOf', () => {
  it('has a bar for each worker that has a time, the first first', () => {
    const picture = pictureOf(
      session([worker('b', 50, 75), worker('a', 0, 50), worker('c', null, null)]),
      [event(25)],
      0,
    );

    expect(picture?.lanes.map((lane) => [lane.worker, lane.left, lane.width])).toEqual([
      ['a', 0, 50],
      ['b', 50, 25],
    ]);
    expect(picture?.marks.map(({ left }) => left)).toEqual([25]);
  });

  it('lets what goes on end now, and what nobody ended with its session', () => {
    const open = pictureOf(session([worker('a', 0, null)], { ended_at: null }), [], 40_000);
    const over = pictureOf(session([worker('a', 0, null)]), [], 999_000);

    expect([open?.endMs, open?.lanes[0]?.isOpen]).toEqual([40_000, true]);
    expect([over?.endMs, over?.lanes[0]?.isOpen]).toEqual([100_000, false]);
  });

  it('is nothing without any time', () => {
    const none = session([], { started_at: null, ended_at: null });

    expect(pictureOf(none, [], 5)).toBeNull();
  });
});
