/**
 * A long log seen from far: which place of the list stands for which entry, from counts over time.
 *
 * With a filter nobody tells the rank of every seq; between two stretches of the counts it is taken
 * in proportion, which is exact enough for a strip of some hundred pixels.
 */
export interface Stretch {
  readonly total: number;
  readonly first_seq: number | null;
  readonly last_seq: number | null;
}

interface Known {
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly rank: number;
  readonly total: number;
}

export class Overview {
  readonly #known: readonly Known[];
  readonly count: number;

  constructor(stretches: readonly Stretch[]) {
    const filled = stretches.filter((one) => one.total > 0 && one.first_seq !== null);
    const ordered = filled.toSorted((a, b) => (a.first_seq ?? 0) - (b.first_seq ?? 0));
    let rank = 0;
    this.#known = ordered.map(({ total, first_seq, last_seq }) => {
      const known = { firstSeq: first_seq ?? 0, lastSeq: last_seq ?? first_seq ?? 0, rank, total };
      rank += total;
      return known;
    });
    this.count = rank;
  }

  /** Where an entry stands in the list, from 0 to 1. */
  shareOf(seq: number): number {
    if (this.count === 0) return 0;
    const known = this.#known.findLast((one) => one.firstSeq <= seq);
    if (!known) return 0;
    const span = known.lastSeq - known.firstSeq;
    const inside = span > 0 ? Math.min(1, (seq - known.firstSeq) / span) : 0;
    return (known.rank + inside * (known.total - 1)) / this.count;
  }
}

/** Marks so near one another that a strip of `steps` pixels shows them as one, merged. */
export function merged(
  shares: readonly (readonly [number, number])[],
  steps: number,
): readonly (readonly [number, number])[] {
  const sorted = shares.toSorted((a, b) => a[0] - b[0]);
  const result: [number, number][] = [];
  for (const [from, to] of sorted) {
    const last = result.at(-1);
    if (last && from - last[1] < 1 / steps) last[1] = Math.max(last[1], to);
    else result.push([from, to]);
  }
  return result;
}
