import { formatCount } from './bytes';
import { formatCost } from './cost';
import { withoutSpecial } from './special';

type Said = Readonly<Record<string, unknown>>;

/** What an entry without words of its own carries. */
export interface Wordless {
  readonly event_type: string;
  readonly stage?: string | null;
  readonly item?: string | null;
  readonly fields?: unknown;
  readonly event?: unknown;
}

const INPUTS = ['input', 'cache_read', 'cache_write_5m', 'cache_write_1h'];
const MOST_PAIRS = 6;
const MOST_CHARACTERS = 60; // of a value

/** These say beside an event's kind nothing that a reader looks for. */
const UNSAID = /^(_.*|format|level|stage|type|timestamp.*|(task|session|conversation|call)_id)$/;

/** What stands beside the kind of an entry: what a model call used; of others their short values, as `name=value`. */
export function valuesOf({ event_type, stage, item, fields, event }: Wordless): string {
  const own = saidOf(fields);
  if (event_type === 'task:api_call') return usageOf(own);
  const sent = Object.keys(own).length > 0 ? saidOf(own.data) : saidOf(saidOf(event).data);
  const pairs = Object.entries({ item, ...own, ...sent })
    .flatMap(pairOf)
    .slice(0, MOST_PAIRS);
  const named = event_type.startsWith('stage:') && stage ? [stage] : [];
  return withoutSpecial([...named, ...pairs].join(' '));
}

function usageOf(call: Said): string {
  const { model, output_tokens, cost_usd, duration_ms, success } = call;
  const read = INPUTS.map((name) => call[`${name}_tokens`]).filter(isNumber);
  const said = [
    typeof model === 'string' && model,
    read.length > 0 && `${formatCount(read.reduce((sum, one) => sum + one))} in`,
    isNumber(output_tokens) && `${formatCount(output_tokens)} out`,
    isNumber(cost_usd) && formatCost(Math.round(cost_usd * 1e6)),
    isNumber(duration_ms) && `${(duration_ms / 1e3).toFixed(1)} s`,
    success === false && 'failed',
  ];
  return withoutSpecial(said.filter(Boolean).join(', '));
}

function pairOf([name, value]: [string, unknown]): string[] {
  if (UNSAID.test(name) || !/^(string|number|boolean)$/.test(typeof value)) return [];
  const text = String(value).trim();
  const begun = text.slice(0, MOST_CHARACTERS).replace(/\s+/g, ' ');
  return text ? [`${name}=${begun}${text.length > MOST_CHARACTERS ? '…' : ''}`] : [];
}

function saidOf(value: unknown): Said {
  return typeof value === 'object' && value !== null ? (value as Said) : {};
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}
