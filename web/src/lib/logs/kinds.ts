import type { SlimEntry } from '$lib/api/entries';
import { withoutSpecial } from '$lib/format/special';

/** How an entry is shown beyond its level: a short word and a look. A view of it, never stored. */
export interface Kind {
  readonly label: string;
  readonly tone: 'plain' | 'thinking' | 'tool' | 'user' | 'web' | 'result' | 'life' | 'loss';
}

const PLAIN: Kind = { label: '', tone: 'plain' };
const THINKING: Kind = { label: 'thinking', tone: 'thinking' };

/** By event type; the part before the colon alone is the fallback. */
const KINDS = new Map<string, Kind>([
  ['task:log', PLAIN],
  ['task:output', PLAIN],
  ['task:raw_output', PLAIN],
  ['task:progress', PLAIN],
  ['task:thinking', THINKING],
  ['task:tool_call', { label: '▸ tool', tone: 'tool' }],
  ['task:tool_result', { label: '◂ result', tone: 'tool' }],
  ['task:user_input', { label: 'user', tone: 'user' }],
  ['task:completed', { label: 'completed', tone: 'result' }],
  ['task:failed', { label: 'failed', tone: 'result' }],
  ['webhook', { label: 'webhook', tone: 'web' }],
  ['response', { label: 'response', tone: 'web' }],
  ['notification', { label: 'notification', tone: 'web' }],
  ['gap', { label: '⚠ gap', tone: 'loss' }],
  ['loss', { label: '⚠ loss', tone: 'loss' }],
]);

export function kindOf(entry: SlimEntry): Kind {
  const [noun = '', verb = ''] = entry.event_type.split(':', 2);
  if (entry.contentType === 'thinking') return THINKING;
  const known = KINDS.get(entry.event_type);
  if (known) return known;
  const byNoun = KINDS.get(noun);
  if (byNoun) return { ...byNoun, label: verb ? `${byNoun.label} ${verb}` : byNoun.label };
  const label = noun === 'task' ? verb : `${noun} ${verb}`.trim();
  return { label: label.replaceAll('_', ' '), tone: 'life' };
}

/** The message to show: empty where it would only repeat the kind. */
export function messageOf(entry: SlimEntry, kind: Kind): string {
  return entry.message === entry.event_type && kind.label ? '' : entry.message;
}

/** What it says beside its kind, where it has no words of its own. */
export function asideOf(entry: SlimEntry, kind: Kind): string {
  return kind.label && entry.aside;
}

/** Who says it, as a plain word. */
export function sourceOf(entry: { readonly source: string }): string {
  return withoutSpecial(entry.source);
}
