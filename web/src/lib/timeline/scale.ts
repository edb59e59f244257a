import type { Stage } from '$lib/api/stages';

/** Where a stage's bar stands on the whole, in percent; null where nobody knows when it began. */
export interface Span {
  readonly left: number;
  readonly width: number;
  readonly seconds: number;
  /** Whether it goes on. */
  readonly isOpen: boolean;
}

export interface Scale {
  readonly startMs: number;
  readonly endMs: number;
}

const LEAST_WIDTH = 0.4; // percent: what is over in no time can still be seen

const timeOf = (iso: string | null): number | null => {
  const time = iso ? Date.parse(iso) : Number.NaN;
  return Number.isNaN(time) ? null : time;
};

/** When a stage began and ended: as told, else by its entries; open ends last until `nowMs`. */
export function boundsOf(stage: Stage, nowMs: number): Scale | null {
  const startMs = timeOf(stage.started_at) ?? timeOf(stage.first_at);
  if (startMs === null) return null;
  const told = timeOf(stage.completed_at);
  const endMs = told ?? (stage.status === 'active' ? nowMs : timeOf(stage.last_at));
  return { startMs, endMs: Math.max(startMs, endMs ?? startMs) };
}

/** From the first beginning to the last end; null without any known time. */
export function scaleOf(stages: readonly Stage[], nowMs: number): Scale | null {
  const all = stages.flatMap((stage) => boundsOf(stage, nowMs) ?? []);
  if (all.length === 0) return null;
  return {
    startMs: Math.min(...all.map((one) => one.startMs)),
    endMs: Math.max(...all.map((one) => one.endMs)),
  };
}

export function spanOf(stage: Stage, scale: Scale, nowMs: number): Span | null {
  const bounds = boundsOf(stage, nowMs);
  if (!bounds) return null;
  const whole = Math.max(1, scale.endMs - scale.startMs);
  const width = Math.max(LEAST_WIDTH, ((bounds.endMs - bounds.startMs) / whole) * 100);
  const left = Math.min(100 - LEAST_WIDTH, ((bounds.startMs - scale.startMs) / whole) * 100);
  return {
    left,
    width: Math.min(width, 100 - left),
    seconds: (bounds.endMs - bounds.startMs) / 1_000,
    isOpen: stage.status === 'active' && !stage.completed_at,
  };
}

/** Round seconds after the start to write below the bars: at most `most` of them. */
export function ticksOf(scale: Scale, most = 6): readonly { at: number; seconds: number }[] {
  const whole = (scale.endMs - scale.startMs) / 1_000;
  if (whole <= 0) return [];
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1_800, 3_600, 7_200, 21_600, 86_400];
  const step = steps.find((one) => whole / one <= most) ?? Math.ceil(whole / most);
  const ticks: { at: number; seconds: number }[] = [];
  for (let seconds = 0; seconds <= whole; seconds += step) {
    ticks.push({ at: (seconds / whole) * 100, seconds });
  }
  return ticks;
}
