import type { Bucket } from '$lib/api/types';

/** Some stretches of time, both ends included. */
export interface Span {
  readonly first: number;
  readonly last: number;
}

export interface Bars {
  readonly other: string;
  readonly warning: string;
  readonly error: string;
}

const FULL = 100;
const LEAST = 10; // of 100: what is there can be seen, however much there is of the rest

const errorsIn = ({ by_level: { error = 0, critical = 0 } }: Bucket): number => error + critical;

/** The bars as paths, one unit wide: errors at the bottom, warnings above them, then the rest. */
export function barsOf(buckets: readonly Bucket[]): Bars {
  const most = Math.max(1, ...buckets.map((bucket) => bucket.total));
  const paths = { other: '', warning: '', error: '' };
  buckets.forEach((bucket, x) => {
    const errors = errorsIn(bucket);
    const warnings = bucket.by_level.warning ?? 0;
    let bottom = FULL;
    const stack = [
      ['error', errors],
      ['warning', warnings],
      ['other', bucket.total - errors - warnings],
    ] as const;
    for (const [layer, count] of stack) {
      if (count <= 0) continue;
      const height = Math.min(bottom, Math.max(LEAST, (count / most) * FULL));
      paths[layer] += `M${x} ${round(bottom)}v${-round(height)}h0.8v${round(height)}z`;
      bottom -= height;
    }
  });
  return paths;
}

export function countsIn(buckets: readonly Bucket[], { first, last }: Span) {
  const taken = buckets.slice(first, last + 1);
  const sum = (count: (bucket: Bucket) => number): number =>
    taken.reduce((all, bucket) => all + count(bucket), 0);
  return {
    total: sum((bucket) => bucket.total),
    errors: sum(errorsIn),
    warnings: sum((bucket) => bucket.by_level.warning ?? 0),
  };
}

const round = (value: number): number => Math.round(value * 10) / 10;
