import { parted } from './bytes';

/** Money, counted in millionths of a dollar. What is not known is not zero. */
const MICRO = 1_000_000;
const CENT = 10_000;

export const UNPRICED = '–';

/** `$0.42`; four decimals below a cent; a dash where no price is known. */
export function formatCost(microUsd: number | null | undefined): string {
  if (microUsd === null || microUsd === undefined) return UNPRICED;
  const digits = microUsd !== 0 && Math.abs(microUsd) < CENT ? 4 : 2;
  if (microUsd > 0 && microUsd < 50) return '<$0.0001';
  const parts = 10 ** digits; // of a dollar
  return `$${parted((Math.round((microUsd * parts) / MICRO) / parts).toFixed(digits))}`;
}

/** The same for a sum: `$0.42+` where calls without a price are left out of it. */
export function formatSum(microUsd: number | null | undefined, unpricedCalls = 0): string {
  const text = formatCost(microUsd);
  return unpricedCalls > 0 && text !== UNPRICED ? `${text}+` : text;
}

/** What a sum is, for who points at it. */
export function wordsOfSum(microUsd: number | null, unpricedCalls = 0): string {
  if (microUsd === null) return 'no price is known';
  return unpricedCalls > 0 ? '+: calls without a price are left out' : 'estimated or reported';
}
