import { describe, expect, it } from 'vitest';
import {
  formatAgo,
  formatClock,
  formatDay,
  formatDuration,
  formatTime,
  secondsBetween,
} from './time';

describe('times', () => {
  it('are shown to the millisecond in the reader’s zone', () => {
    const local = new Date(2026, 10, 22, 12, 0, 1, 45).toISOString();

    expect(formatClock(local)).toBe('12:00:01.045');
    expect(formatDay(local)).toBe('2026-11-22');
    expect(formatTime(local)).toBe('2026-11-22 12:00:01');
  });

  it('are read with microseconds', () => {
    expect(secondsBetween('2026-11-22T12:00:00.000000Z', Date.UTC(2026, 10, 22, 12, 0, 30))).toBe(
      30,
    );
  });

  it.each([null, undefined, '', 'yesterday'])('are a dash where unknown: %s', (time) => {
    expect(formatClock(time)).toBe('–');
    expect(formatTime(time)).toBe('–');
    expect(formatAgo(time, 0)).toBe('–');
  });
});

it.each([
  [null, '–'],
  [-3, '–'],
  [0.4121, '412 ms'],
  [59.9, '00:59'],
  [312, '05:12'],
  [3_723, '1:02:03'],
  [187_200, '2 d 04:00'],
])('a duration of %s s is %s', (seconds, expected) => {
  expect(formatDuration(seconds)).toBe(expected);
});

it.each([
  [1, 'just now'],
  [42, '42 s ago'],
  [200, '3 min ago'],
  [7_300, '2 h ago'],
])('%s s ago is %s', (seconds, expected) => {
  const now = Date.UTC(2026, 10, 22, 12);

  expect(formatAgo(new Date(now - seconds * 1_000).toISOString(), now)).toBe(expected);
});
