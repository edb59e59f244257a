/** A stretch of a trail, both ends included, as it stands in an address: `#L10` or `#L10-L20`. */
export interface SeqRange {
  readonly first: number;
  readonly last: number;
}

/** What an address calls the first entry in view of somebody who reads. */
export const PLACE = 'at';

const HASH = /^#L(\d{1,15})(?:-L?(\d{1,15}))?$/;

/** The stretch that an address names, or null. */
export function rangeIn(hash: string): SeqRange | null {
  const match = HASH.exec(hash);
  return match ? between(Number(match[1]), Number(match[2] ?? match[1])) : null;
}

export function hashOf({ first, last }: SeqRange): string {
  return first === last ? `#L${first}` : `#L${first}-L${last}`;
}

/** The stretch from one to the other, whichever comes first. */
export function between(one: number, other: number): SeqRange {
  return { first: Math.min(one, other), last: Math.max(one, other) };
}

export function holds(range: SeqRange | null, seq: number): boolean {
  return range !== null && range.first <= seq && seq <= range.last;
}
