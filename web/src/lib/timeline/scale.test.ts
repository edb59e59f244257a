import { expect, test } from 'vitest';
import type { Stage } from '$lib/api/stages';
import { timeLineOf } from './idle';
import { boundsOf, spanOf, ticksOf, wholeOf } from './scale';

const at = (seconds: number): string => new Date(seconds * 1_000).toISOString();
const NOW = 100_000;

function stage(more: Partial<Stage>): Stage {
  return {
    ...{ stage: 'build', number: 1, attempt: null, status: 'completed', depth: 0, error: null },
    ...{ started_at: null, completed_at: null, duration_seconds: null },
    ...{ first_seq: 1, last_seq: 2, first_at: null, last_at: null },
    ...{ entries: 2, warnings: 0, errors: 0 },
    ...more,
  };
}

test('a bar goes from the told beginning to the told end', () => {
  const stages = [
    stage({ started_at: at(0), completed_at: at(25) }),
    stage({ started_at: at(50), completed_at: at(100) }),
  ];
  const whole = wholeOf(stages.map((one) => boundsOf(one, NOW)));
  expect(whole).toEqual({ startMs: 0, endMs: 100_000 });
  const line = timeLineOf({ startMs: 0, endMs: 100_000 }, []);
  expect(stages.map((one) => spanOf(one, line, NOW))).toMatchObject([
    { left: 0, width: 25, seconds: 25 },
    { left: 50, width: 50, seconds: 50 },
  ]);
});

test('a stage that nobody began spans its entries', () => {
  const named = stage({ status: null, first_at: at(10), last_at: at(12) });
  expect(boundsOf(named, NOW)).toEqual({ startMs: 10_000, endMs: 12_000 });
});

test('an open stage lasts until now, and says so', () => {
  const open = stage({ status: 'active', started_at: at(40), last_at: at(41) });
  expect(spanOf(open, timeLineOf({ startMs: 0, endMs: NOW }, []), NOW)).toMatchObject({
    left: 40,
    width: 60,
    isOpen: true,
  });
});

test('a stage without any time has no bar, and no scale comes of it', () => {
  expect(spanOf(stage({}), timeLineOf({ startMs: 0, endMs: 1 }, []), NOW)).toBeNull();
  expect(wholeOf([boundsOf(stage({}), NOW)])).toBeNull();
});

test('a moment at the very end can be seen and stays inside', () => {
  const moment = stage({ started_at: at(100), completed_at: at(100) });
  const span = spanOf(moment, timeLineOf({ startMs: 0, endMs: NOW }, []), NOW);
  expect(span?.width).toBeGreaterThan(0);
  expect((span?.left ?? 0) + (span?.width ?? 0)).toBeLessThanOrEqual(100);
});

test('an end before the beginning makes no negative bar', () => {
  const odd = stage({ started_at: at(50), completed_at: at(40) });
  expect(boundsOf(odd, NOW)).toEqual({ startMs: 50_000, endMs: 50_000 });
});

test('ticks are round, few, and not inside what is folded', () => {
  const line = timeLineOf({ startMs: 0, endMs: 100_000 }, []);
  const folded = timeLineOf({ startMs: 0, endMs: 100_000 }, [{ startMs: 5_000, endMs: 92_000 }]);

  expect(ticksOf(line, 0).map((tick) => tick.seconds)).toEqual([0, 15, 30, 45, 60, 75, 90]);
  expect(ticksOf(folded, 0).map((tick) => tick.seconds)).toEqual([0, 2, 4, 92, 94, 96, 98, 100]);
  expect(ticksOf(timeLineOf({ startMs: 5, endMs: 5 }, []), 0)).toEqual([]);
});
