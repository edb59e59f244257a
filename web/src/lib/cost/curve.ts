import type { ExplainedCall } from '$lib/api/costs';

/** The cost so far after each call, as the points of a line in a box of 100 by 100. */
export function curveOf(calls: readonly ExplainedCall[]): string | null {
  const known = calls
    .map(({ timestamp, cost_micro_usd: cost }) => ({ at: Date.parse(timestamp), cost }))
    .filter(({ at, cost }) => !Number.isNaN(at) && cost !== null)
    .sort((a, b) => a.at - b.at);
  const [first, last] = [known[0], known.at(-1)];
  const total = known.reduce((sum, { cost }) => sum + (cost ?? 0), 0);
  if (!first || !last || last.at <= first.at || total <= 0) return null;
  let sum = 0;
  const points = known.map(({ at, cost }) => {
    sum += cost ?? 0;
    const x = ((at - first.at) / (last.at - first.at)) * 100;
    return `${x.toFixed(2)},${(100 - (sum / total) * 100).toFixed(2)}`;
  });
  return `0,100 ${thinned(points).join(' ')}`;
}

const MOST = 500;

function thinned(points: readonly string[]): readonly string[] {
  const step = Math.ceil(points.length / MOST);
  return points.filter((_, at) => at % step === 0 || at === points.length - 1);
}
