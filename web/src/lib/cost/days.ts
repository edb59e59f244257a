import type { Costs } from '$lib/api/costs';

/** One bar of a chart by day: what it came to, and the parts of it, from the bottom up. */
export interface DayBar {
  readonly day: string;
  /** Null where no call of the day has a price. */
  readonly cost: number | null;
  readonly unpriced: number;
  readonly calls: number;
  /** Height on the whole, in percent. */
  readonly height: number;
  readonly parts: readonly {
    readonly name: string;
    readonly cost: number;
    readonly share: number;
  }[];
}

export const OTHERS = 'others';
const MOST = 60;

/** The last days on which a model was called, oldest first. */
export function barsOf({ rows }: Pick<Costs, 'rows'>): readonly DayBar[] {
  const days = rows
    .filter((row) => row.day)
    .sort((a, b) => String(a.day).localeCompare(String(b.day)))
    .slice(-MOST);
  const dearest = Math.max(1, ...days.map((row) => row.cost_micro_usd ?? 0));
  return days.map((row) => {
    const cost = row.cost_micro_usd;
    const day = row.day ?? '';
    const own = (row.parts ?? []).map((part) => ({ name: part.model, cost: part.cost_micro_usd }));
    const rest = (cost ?? 0) - own.reduce((sum, part) => sum + part.cost, 0);
    const parts = [...own, { name: OTHERS, cost: Math.max(0, rest) }].filter(
      (part) => part.cost > 0,
    );
    return {
      ...{ day, cost, unpriced: row.unpriced_calls, calls: row.calls },
      height: ((cost ?? 0) / dearest) * 100,
      parts: parts.map((part) => ({ ...part, share: (part.cost / Math.max(1, cost ?? 0)) * 100 })),
    };
  });
}

/** The models of all bars, the dearest of them all first, and `OTHERS`; each has a colour. */
export function namesOf(bars: readonly DayBar[]): readonly string[] {
  const sums = new Map<string, number>();
  for (const { name, cost } of bars.flatMap(({ parts }) => parts)) {
    if (name !== OTHERS) sums.set(name, (sums.get(name) ?? 0) + cost);
  }
  return [...[...sums].sort((a, b) => b[1] - a[1]).map(([name]) => name), OTHERS];
}

/** How far a budget per day is used: today, and on how many days it was too small. */
export interface Use {
  readonly spent: number;
  readonly percent: number;
  readonly over: readonly string[];
}

export function useOf(bars: readonly DayBar[], budgetMicroUsd: number, today: string): Use {
  const spent = bars.find(({ day }) => day === today)?.cost ?? 0;
  return {
    spent,
    percent: budgetMicroUsd > 0 ? (spent / budgetMicroUsd) * 100 : 0,
    over: bars.filter(({ cost }) => (cost ?? 0) > budgetMicroUsd).map(({ day }) => day),
  };
}
