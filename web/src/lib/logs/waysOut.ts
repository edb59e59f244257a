import { LOG_FILTERS, type LogFilters } from '$lib/api/types';
import { clausesOf, withoutClause } from '$lib/format/clauses';

/** One thing that can be taken out of a filter. */
export interface WayOut {
  readonly name: string;
  readonly changes: LogFilters;
}

const MOST = 8; // each is a question to the server

export function waysOut(filters: LogFilters): readonly WayOut[] {
  const { q = '' } = filters;
  const clauses = clausesOf(q);
  const ofQuery = clauses.map((name, at) => ({ name, changes: { q: withoutClause(q, at) } }));
  const others = LOG_FILTERS.filter((name) => name !== 'q' && filters[name]);
  const ofRest = others.map((name) => ({
    name: `${name}: ${filters[name]}`,
    changes: { [name]: '' },
  }));
  return [...ofQuery, ...ofRest].slice(0, MOST);
}
