import type { Activity, DeedKind } from '$lib/api/activity';
import { withoutSpecial } from '$lib/format/special';

/** Something that a worker did: from when to when, and what. */
export interface Deed {
  readonly kind: DeedKind;
  readonly startMs: number;
  readonly endMs: number;
  readonly words: string;
  readonly isFailed: boolean;
  readonly seq: number;
}

export interface Lane {
  /** Empty where nobody said who. */
  readonly worker: string;
  readonly deeds: readonly Deed[];
}

/** A lane for each worker; a tool that has not answered is in use until `untilMs`. */
export function lanesOf({ workers, words, deeds }: Activity, untilMs: number): readonly Lane[] {
  const lanes = workers.map((worker) => ({ worker, deeds: [] as Deed[] }));
  const plain = words.map(withoutSpecial);
  deeds.seq.forEach((seq, row) => {
    const [startMs, took] = [at(deeds.start_ms, row), at(deeds.took_ms, row)];
    const [kind, isFailed] = [at(deeds.kind, row), at(deeds.is_failed, row)];
    const said = at(plain, at(deeds.words, row));
    at(lanes, at(deeds.worker, row)).deeds.push({
      ...{ kind, startMs, isFailed, seq },
      endMs: took === null ? Math.max(startMs, untilMs) : startMs + took,
      words: took === null ? `${said}, no result` : said,
    });
  });
  return lanes;
}

/** Columns are of equal length, and places name what is there. */
const at = <T>(column: readonly T[], row: number): T => column[row] as T;

export interface Longest extends Deed {
  readonly worker: string;
}

const tookOf = ({ startMs, endMs }: Deed): number => endMs - startMs;

/** Those that took longest, a millisecond at least, the longest first. */
export function longestOf(lanes: readonly Lane[], most: number): readonly Longest[] {
  const found: Longest[] = [];
  let least = 1;
  const cut = (): void => {
    found.sort((a, b) => tookOf(b) - tookOf(a)).splice(most);
    if (found.length === most) least = Math.max(least, tookOf(at(found, most - 1)));
  };
  for (const { worker, deeds } of lanes) {
    for (const deed of deeds) {
      if (tookOf(deed) >= least && found.push({ worker, ...deed }) > 4 * most) cut();
    }
  }
  cut();
  return found;
}

/** Deeds that stand at one pixel are drawn as one, so that a lane of any length stays cheap. */
export function thinned(
  deeds: readonly Deed[],
  placeOf: (ms: number) => number,
  most: number,
): readonly (Deed & { readonly count: number })[] {
  const cells = new Map<string, Deed & { count: number }>();
  for (const deed of deeds) {
    const cell = `${deed.kind}${Math.round((placeOf(deed.startMs) / 100) * most)}`;
    const other = cells.get(cell);
    if (!other) cells.set(cell, { ...deed, count: 1 });
    else {
      const isFailed = other.isFailed || deed.isFailed;
      const endMs = Math.max(other.endMs, deed.endMs);
      cells.set(cell, { ...other, endMs, isFailed, count: other.count + 1 });
    }
  }
  return [...cells.values()];
}
