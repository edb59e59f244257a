import type { Entry, Json } from '$lib/api/types';
import { fieldsOf, textIn, type Fields } from '$lib/format/documents';

/** One step of a webhook's way to its task. */
export interface Step {
  readonly entry: Entry;
  readonly name: string;
  /** The one thing of it that says most. */
  readonly headline: string;
  /** Seconds since the step before; null for the first, and where clocks disagree. */
  readonly waited: number | null;
  readonly tone: 'good' | 'bad' | 'plain';
  readonly payload: Json;
}

export interface Posting {
  readonly entry: Entry;
  readonly number: number;
  readonly method: string;
  readonly headline: string;
  readonly waited: number | null;
  readonly isFailed: boolean;
  readonly payload: Json;
}

const HEADLINES = [
  ...['matched_handler', 'command', 'reason', 'response_type', 'notification_type', 'event_type'],
  ...['input_message', 'target', 'source', 'provider'],
];

export function stepsOf(entries: readonly Entry[]): readonly Step[] {
  return entries.map((entry, at) => {
    const fields = fieldsOf(entry.fields);
    const told = fieldsOf(fields.data);
    const name = textIn(fields, 'stage') ?? entry.event_type.split(':').at(-1) ?? '';
    return {
      ...{ entry, name: name.replaceAll('_', ' ') },
      headline: headlineOf(told),
      waited: secondsSince(entries[at - 1], entry),
      tone: toneOf(name, told),
      payload: (fields.data ?? entry.fields ?? null) as Json,
    };
  });
}

export function postingsOf(entries: readonly Entry[]): readonly Posting[] {
  return entries.map((entry, at) => {
    const fields = fieldsOf(entry.fields);
    const status = fields.status_code ?? fields.status;
    const words = [
      textIn(fields, 'source', 'provider'),
      status === undefined ? null : `answered ${String(status)}`,
      fields.mcp_detected === true ? 'the agent posted it itself' : null,
      fields.fallback_posted === true ? 'posted by the fallback' : null,
      textIn(fields, 'error', 'url', 'target'),
    ];
    return {
      ...{ entry, number: at + 1, method: textIn(fields, 'method') ?? 'posted' },
      headline: words.filter((word) => word !== null).join(' · '),
      waited: secondsSince(entries[at - 1], entry),
      isFailed: isFailed(fields, entry),
      payload: (entry.fields ?? null) as Json,
    };
  });
}

function headlineOf(told: Fields): string {
  const valid = told.signature_valid ?? told.valid;
  if (typeof valid === 'boolean') return `its signature is ${valid ? 'right' : 'wrong'}`;
  return (textIn(told, ...HEADLINES) ?? '').split('\n', 1)[0] ?? '';
}

function isFailed(fields: Fields, entry: Entry): boolean {
  const status = Number(fields.status_code ?? fields.status);
  return (
    entry.level === 'error' || fields.success === false || Boolean(fields.error) || status >= 400
  );
}

function toneOf(name: string, told: Fields): Step['tone'] {
  if (name === 'skipped' || told.signature_valid === false || told.valid === false) return 'bad';
  return name === 'task_created' || told.signature_valid === true ? 'good' : 'plain';
}

/** Seconds between two steps by their producers' clocks. */
export function secondsSince(before: Entry | undefined, entry: Entry): number | null {
  if (!before) return null;
  const seconds = (Date.parse(entry.timestamp) - Date.parse(before.timestamp)) / 1_000;
  return Number.isNaN(seconds) || seconds < 0 ? null : seconds;
}
