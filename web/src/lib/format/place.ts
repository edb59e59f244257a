/** Where somebody wants to go in a log: an entry, a share of all, or a moment. */
export type Place =
  { readonly seq: number } | { readonly share: number } | { readonly moment: string };

const SEQ = /^[#L]*(\d[\d,. _]{0,18})$/;
const SHARE = /^(\d{1,3}(?:\.\d+)?)\s*%$/;
const CLOCK = /^(\d{1,2}):(\d{2})(?::(\d{2}(?:\.\d{1,6})?))?$/;
const ZONED = /(?:Z|[+-]\d\d:?\d\d)$/;
const MOMENT = /^(\d{4}-\d{2}-\d{2})(?:[T ](.+))?$/;

/** The place that a text means, or null. `day` is the day (`2026-02-14`) of a time without one. */
export function placeIn(text: string, day: string, zone: 'local' | 'utc'): Place | null {
  const wanted = text.trim();
  const share = SHARE.exec(wanted);
  if (share) return { share: Math.min(1, Number(share[1]) / 100) };
  const seq = SEQ.exec(wanted);
  if (seq) return { seq: Number((seq[1] ?? '').replace(/\D/g, '')) };
  return momentIn(wanted, day, zone);
}

function momentIn(wanted: string, day: string, zone: 'local' | 'utc'): Place | null {
  const full = MOMENT.exec(wanted);
  const time = full ? (full[2] ?? '00:00') : wanted;
  if (full && ZONED.test(time)) return placeOf(new Date(wanted.replace(' ', 'T')));
  const clock = CLOCK.exec(time);
  return clock ? momentOf(full?.[1] ?? day, clock, zone) : null;
}

function momentOf(day: string, clock: RegExpExecArray, zone: 'local' | 'utc'): Place | null {
  const [, hours = '', minutes = '00', seconds = '00'] = clock;
  const text = `${day}T${hours.padStart(2, '0')}:${minutes}:${seconds}${zone === 'utc' ? 'Z' : ''}`;
  return placeOf(new Date(text));
}

function placeOf(time: Date): Place | null {
  return Number.isNaN(time.getTime()) ? null : { moment: time.toISOString() };
}
