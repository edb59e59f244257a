import type { CostRow, Daily } from '$lib/api/costs';

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
export function barsOf({ all, models }: Daily): readonly DayBar[] {
  const days = all.rows
    .filter((row) => row.day)
    .sort((a, b) => String(a.day).localeCompare(String(b.day)))
    .slice(-MOST);
  const dearest = Math.max(1, ...days.map((row) => row.cost_micro_usd ?? 0));
  const known = models.map(({ model, rows }) => ({ model, costs: costsByDay(rows) }));
  return days.map((row) => {
    const cost = row.cost_micro_usd;
    const day = row.day ?? '';
    const own = known.map(({ model, costs }) => ({ name: model, cost: costs.get(day) ?? 0 }));
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

function costsByDay(rows: readonly CostRow[]): ReadonlyMap<string, number> {
  return new Map(rows.map((row) => [row.day ?? '', row.cost_micro_usd ?? 0]));
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
