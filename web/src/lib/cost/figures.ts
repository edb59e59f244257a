import type { Figures } from '$lib/api/costs';
import { counted, formatCount, formatShort } from '$lib/format/bytes';
import { formatCost, formatSum } from '$lib/format/cost';

/** Figures of money and tokens as facts, each with how it came about. */
export interface Fact {
  readonly name: string;
  readonly value: string;
  readonly title?: string;
}

export function factsOf(total: Figures): readonly Fact[] {
  const { tokens } = total;
  const facts: Fact[] = [
    {
      name: 'Cost',
      value: formatSum(total.cost_micro_usd, total.unpriced_calls),
      title:
        'Reported where the source told it, else computed; + : calls without a price are left out',
    },
    { name: 'Calls', value: formatCount(total.calls), title: 'Each call once, however often told' },
    {
      name: 'Reported',
      value: formatPart(total.reported_cost_micro_usd, total),
      title: 'Told by the source of the call',
    },
    {
      name: 'Computed',
      value: formatPart(total.computed_cost_micro_usd, total),
      title: "From the tokens, by the list prices of each call's day",
    },
    {
      name: 'Tokens in',
      value:
        formatShort(tokens.input) +
        (tokens.input > tokens.input_uncached + tokens.unsorted ? ' with cache' : ''),
      title: `${formatCount(tokens.cache_read)} of them read from a cache`,
    },
    {
      name: 'Tokens out',
      value: formatShort(tokens.output + tokens.reasoning),
      title: `${formatCount(tokens.reasoning)} of them for reasoning`,
    },
  ];
  if (total.unpriced_calls > 0)
    facts.push({
      name: 'Unpriced',
      value: counted(total.unpriced_calls, 'call'),
      title: 'No price of their model is known: their cost is in no sum',
    });
  if (total.failed_calls > 0)
    facts.push({ name: 'Failed', value: counted(total.failed_calls, 'call') });
  if (total.estimated_calls > 0) {
    facts.push({
      name: 'Estimated',
      value: counted(total.estimated_calls, 'call'),
      title: 'Told in part only: they may have used more',
    });
  }
  if (total.undated_calls) {
    facts.push({
      name: 'Undated',
      value: counted(total.undated_calls, 'call'),
      title: 'Their source told no time: the day and the price are those of a guess',
    });
  }
  return facts;
}

/** A part of a cost; where nothing has a price, or all of it is in other parts, it is no zero. */
export function formatPart(part: number, whole: Pick<Figures, 'cost_micro_usd'>): string {
  return formatCost(
    whole.cost_micro_usd === null || (part === 0 && whole.cost_micro_usd) ? null : part,
  );
}

/** How far reported and computed costs are apart, where a call has both; null where none has. */
export function comparedWords({ compared }: Figures): string | null {
  if (compared.calls === 0) return null;
  const apart = compared.reported_micro_usd - compared.computed_micro_usd;
  const how =
    apart === 0
      ? 'both say the same'
      : `reported is ${formatCost(Math.abs(apart))} ${apart > 0 ? 'more' : 'less'}`;
  return `${counted(compared.calls, 'call')} with a reported and a computed cost: ${how}.`;
}

/** What the source told of a task as a whole, where its calls come to something else. */
export function toldWords(told: number | null | undefined, total: Figures): string | null {
  if (typeof told !== 'number' || (total.calls > 0 && told === total.cost_micro_usd)) return null;
  const own = `Its source reported ${formatCost(told)} for the task as a whole`;
  if (total.calls === 0) return `${own}.`;
  return `${own}; its calls come to ${formatSum(total.cost_micro_usd, total.unpriced_calls)}, and that is counted.`;
}

/** The part of a whole, 0 to 1; null where one of them is not known. */
export function shareOf(part: number | null, whole: number | null): number | null {
  if (part === null || whole === null || whole <= 0) return null;
  return part / whole;
}
