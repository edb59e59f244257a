import { formatCost } from '$lib/format/cost';

/** A part of a cost; where nothing has a price, no part of it is zero. */
export function formatPart(
  microUsd: number,
  whole: { readonly cost_micro_usd: number | null },
): string {
  return formatCost(whole.cost_micro_usd === null ? null : microUsd);
}
