/** Time as it is drawn: stretches in which nothing happened can be folded to a narrow mark. */
export interface Stretch {
  readonly startMs: number;
  readonly endMs: number;
}

export interface TimeLine {
  readonly startMs: number;
  readonly endMs: number;
  /** What is folded, in order. */
  readonly folds: readonly Stretch[];
  /** Where a time stands, in percent of the width. */
  readonly placeOf: (ms: number) => number;
}

const LEAST_IDLE_MS = 30_000;
const LEAST_IDLE_SHARE = 0.08;
const FOLD_SHARE = 0.02; // of the width, for each fold

/** The stretches in which nothing happened for long: half a minute and a good part of the whole. */
export function idleOf(busy: readonly Stretch[], whole: Stretch): readonly Stretch[] {
  const least = Math.max(LEAST_IDLE_MS, (whole.endMs - whole.startMs) * LEAST_IDLE_SHARE);
  const idle: Stretch[] = [];
  let reached = whole.startMs;
  for (const { startMs, endMs } of [...busy].sort((a, b) => a.startMs - b.startMs)) {
    if (startMs - reached >= least) idle.push({ startMs: reached, endMs: startMs });
    reached = Math.max(reached, endMs);
  }
  if (whole.endMs - reached >= least) idle.push({ startMs: reached, endMs: whole.endMs });
  return idle;
}

/** Maps times to the width; `folds` lie inside the whole, in order, and do not overlap. */
export function timeLineOf(whole: Stretch, folds: readonly Stretch[]): TimeLine {
  const { startMs, endMs } = whole;
  const inside = folds.flatMap((fold) => {
    const cut = { startMs: Math.max(fold.startMs, startMs), endMs: Math.min(fold.endMs, endMs) };
    return cut.endMs > cut.startMs ? [cut] : [];
  });
  const folded = inside.reduce((sum, fold) => sum + fold.endMs - fold.startMs, 0);
  const drawn = Math.max(1, endMs - startMs - folded);
  const room = 1 - inside.length * FOLD_SHARE;
  const placeOf = (ms: number): number => {
    const at = Math.max(startMs, Math.min(endMs, ms));
    let [passed, width] = [at - startMs, 0];
    for (const fold of inside) {
      const into = Math.max(0, Math.min(at, fold.endMs) - fold.startMs);
      passed -= into;
      width += FOLD_SHARE * (into / (fold.endMs - fold.startMs));
    }
    return Math.max(0, Math.min(100, ((passed / drawn) * room + width) * 100));
  };
  return { startMs, endMs, folds: inside, placeOf };
}

/** A closer or wider look at the same middle, inside the whole; null for all of it. */
export function zoomed(view: Stretch, whole: Stretch, factor: number): Stretch | null {
  const middle = (view.startMs + view.endMs) / 2;
  const length = (view.endMs - view.startMs) * factor;
  if (length >= whole.endMs - whole.startMs) return null;
  const half = Math.max(5, length / 2);
  return shifted({ startMs: middle - half, endMs: middle + half }, whole, 0);
}

/** The view moved by a part of itself, inside the whole. */
export function shifted(view: Stretch, whole: Stretch, by: number): Stretch {
  const length = view.endMs - view.startMs;
  const start = Math.max(whole.startMs, view.startMs + length * by);
  const startMs = Math.min(start, whole.endMs - length);
  return { startMs, endMs: startMs + length };
}
