import type { Stage } from '$lib/api/stages';
import type { Stretch, TimeLine } from './idle';

/** Where a stage's bar stands on the whole, in percent; null where nobody knows when it began. */
export interface Span {
  readonly left: number;
  readonly width: number;
  readonly seconds: number;
  /** Whether it goes on. */
  readonly isOpen: boolean;
}

export interface Tick {
  readonly at: number;
  readonly seconds: number;
}

const LEAST_WIDTH = 0.4; // percent: what is over in no time can still be seen
const LEAST_GAP = 7; // percent between two ticks, so that their words stay apart
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200, 21_600, 86_400];

const timeOf = (iso: string | null): number | null => {
  const time = iso ? Date.parse(iso) : Number.NaN;
  return Number.isNaN(time) ? null : time;
};

/** When a stage began and ended: as told, else by its entries; open ends last until `nowMs`. */
export function boundsOf(stage: Stage, nowMs: number): Stretch | null {
  const startMs = timeOf(stage.started_at) ?? timeOf(stage.first_at);
  if (startMs === null) return null;
  const told = timeOf(stage.completed_at);
  const endMs = told ?? (stage.status === 'active' ? nowMs : timeOf(stage.last_at));
  return { startMs, endMs: Math.max(startMs, endMs ?? startMs) };
}

/** From the first beginning to the last end; null without any known time. */
export function wholeOf(stretches: readonly (Stretch | null)[]): Stretch | null {
  const known = stretches.filter((one) => one !== null);
  if (known.length === 0) return null;
  const startMs = known.reduce((least, one) => Math.min(least, one.startMs), Infinity);
  const endMs = known.reduce((most, one) => Math.max(most, one.endMs), -Infinity);
  return { startMs, endMs };
}

export function spanOf(stage: Stage, line: TimeLine, nowMs: number): Span | null {
  const bounds = boundsOf(stage, nowMs);
  if (!bounds) return null;
  return {
    ...placed(bounds, line),
    seconds: (bounds.endMs - bounds.startMs) / 1_000,
    isOpen: stage.status === 'active' && !stage.completed_at,
  };
}

/** Left edge and width of a stretch, wide enough to be seen. */
export function placed(
  stretch: Stretch,
  line: TimeLine,
  least = LEAST_WIDTH,
): { left: number; width: number } {
  const start = line.placeOf(stretch.startMs);
  const left = Math.min(100 - least, start);
  const width = Math.max(least, line.placeOf(stretch.endMs) - start);
  return { left, width: Math.min(width, 100 - left) };
}

/** Round seconds after the start to write below the bars: at most `most` of them. */
export function ticksOf(line: TimeLine, zeroMs: number, most = 8): readonly Tick[] {
  const folded = line.folds.reduce((sum, fold) => sum + fold.endMs - fold.startMs, 0);
  const drawn = (line.endMs - line.startMs - folded) / 1_000;
  if (drawn <= 0) return [];
  const step = STEPS.find((one) => drawn / one <= most) ?? Math.ceil(drawn / most);
  const ticks: Tick[] = [];
  const first = Math.ceil((line.startMs - zeroMs) / 1_000 / step) * step;
  for (let seconds = first; zeroMs + seconds * 1_000 <= line.endMs; seconds += step) {
    const ms = zeroMs + seconds * 1_000;
    const fold = line.folds.find((one) => ms > one.startMs && ms < one.endMs);
    if (fold) seconds = Math.ceil((fold.endMs - zeroMs) / 1_000 / step) * step - step;
    else if (line.placeOf(ms) - (ticks.at(-1)?.at ?? -Infinity) >= LEAST_GAP) {
      ticks.push({ at: line.placeOf(ms), seconds });
    }
  }
  return ticks;
}
