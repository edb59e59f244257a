import type { KnowledgeEntries } from '$lib/api/knowledge';
import type { Entry, Json } from '$lib/api/types';
import { fieldsOf, shown, textIn, type Fields } from '$lib/format/documents';

/** One time that knowledge was asked, with what it found. */
export interface LookUp {
  readonly entry: Entry;
  readonly kind: 'query' | 'tool_call' | 'context_used' | 'tool';
  readonly tool: string;
  readonly words: string;
  readonly sources: readonly string[];
  /** Null while nothing came back. */
  readonly found: number | null;
  readonly hits: readonly Hit[];
  readonly seconds: number | null;
  readonly isCached: boolean;
  /** What came back, where it is not a list of hits. */
  readonly answer: Json;
}

type Found = Pick<LookUp, 'hits' | 'found' | 'seconds' | 'answer'>;

export interface Hit {
  readonly source: string;
  readonly id: string;
  /** 0 to 1; null where it was not told. */
  readonly score: number | null;
}

export interface Summary {
  readonly queries: number;
  readonly answered: number;
  /** Null where nobody told any. */
  readonly hits: number | null;
  readonly seconds: number | null;
  readonly cached: number;
  readonly tools: readonly string[];
  readonly sources: readonly string[];
}

export function lookUpsOf({ told, toolUses }: KnowledgeEntries): readonly LookUp[] {
  return [...paired(told, 'query', 'result'), ...paired(toolUses, 'tool_call', 'tool_result')].sort(
    (a, b) => a.entry.seq - b.entry.seq,
  );
}

/** Each question with its answer: the first one behind it by the same tool with the same words. */
function paired(entries: readonly Entry[], asks: string, answers: string): readonly LookUp[] {
  const waiting: { entry: Entry; place: number }[] = [];
  const found: LookUp[] = [];
  for (const entry of entries) {
    const fields = fieldsOf(entry.fields);
    if (fields.type !== answers) {
      if (fields.type === asks) waiting.push({ entry, place: found.length });
      found.push(lookUp(entry, null));
      continue;
    }
    const at = waiting.findIndex(({ entry: asked }) => belongs(asked, fields));
    const asked = at < 0 ? undefined : waiting.splice(at, 1)[0];
    if (asked) found[asked.place] = lookUp(asked.entry, entry);
    else found.push(lookUp(entry, entry));
  }
  return found;
}

const toolOf = (fields: Fields): string => textIn(fields, 'tool_name', 'name') ?? 'knowledge';

function belongs(asked: Entry, answer: Fields): boolean {
  const question = fieldsOf(asked.fields);
  if (toolOf(question) !== toolOf(answer)) return false;
  return answer.query === undefined || answer.query === question.query;
}

function lookUp(entry: Entry, result: Entry | null): LookUp {
  const fields = fieldsOf(entry.fields);
  const answer = fieldsOf(result?.fields);
  const isTool = entry.channel === 'agent_output';
  return {
    entry,
    kind: isTool ? 'tool' : kindOf(fields.type),
    tool: toolOf(fields),
    words: wordsOf(fields, entry),
    sources: texts(fields.source_types),
    isCached: answer.cached === true,
    ...(isTool ? answeredBy(entry, result) : toldBy(answer, result)),
  };
}

/** What an answer in the channel of knowledge says of itself. */
function toldBy(answer: Fields, result: Entry | null): Found {
  const preview = hitsOf(answer.results_preview);
  const hits = preview.length > 0 ? preview : hitsOf(answer.results);
  // In a trail what was not told is 0; a query in no time is none.
  const ms = numberIn(answer.query_time_ms) || numberIn(answer.duration_ms);
  return {
    hits,
    found: numberIn(answer.results_count) || (result ? hits.length : null),
    seconds: ms ? ms / 1_000 : null,
    answer: (answer.results ?? null) as Json,
  };
}

/** A tool's result is a text; how long it took, the two entries say. */
function answeredBy(call: Entry, result: Entry | null): Found {
  return {
    hits: [],
    found: null,
    seconds: result && result !== call ? between(call, result) : null,
    answer: result?.message ?? null,
  };
}

function kindOf(type: unknown): LookUp['kind'] {
  return type === 'tool_call' || type === 'context_used' ? type : 'query';
}

function wordsOf(fields: Fields, entry: Entry): string {
  const query = textIn(fields, 'query');
  if (query) return query;
  if (fields.type === 'context_used') {
    const [count, tokens] = [fields.contexts_count, fields.total_tokens];
    return `${String(count ?? '?')} contexts used, ${String(tokens ?? '?')} tokens`;
  }
  const given = fields.parameters ?? fields.tool_input;
  if (given === undefined) return entry.message;
  return typeof given === 'string' ? given : JSON.stringify(given);
}

function hitsOf(value: unknown): readonly Hit[] {
  if (!Array.isArray(value)) return [];
  return value.map((one) => {
    const hit = fieldsOf(one);
    return {
      source: textIn(hit, 'source_type', 'type') ?? '',
      id: textIn(hit, 'source_id', 'id', 'path', 'title') ?? shown(one),
      score: numberIn(hit.relevance_score ?? hit.score),
    };
  });
}

const texts = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];

const numberIn = (value: unknown): number | null =>
  typeof value === 'number' && Number.isFinite(value) ? value : null;

function between(from: Entry, to: Entry): number | null {
  const seconds = (Date.parse(to.timestamp) - Date.parse(from.timestamp)) / 1_000;
  return Number.isNaN(seconds) || seconds < 0 ? null : seconds;
}

/** What all of it comes to. */
export function summaryOf(lookUps: readonly LookUp[]): Summary {
  const queries = lookUps.filter(({ kind }) => kind === 'query' || kind === 'tool');
  const answered = queries.filter(({ found, seconds }) => found !== null || seconds !== null);
  const sum = (values: readonly (number | null)[]): number | null =>
    values.reduce((total, value) => (value === null ? total : (total ?? 0) + value), null);
  return {
    ...{ queries: queries.length, answered: answered.length },
    hits: sum(queries.map(({ found }) => found)),
    seconds: sum(queries.map(({ seconds }) => seconds)),
    cached: queries.filter(({ isCached }) => isCached).length,
    tools: [...new Set(lookUps.map(({ tool }) => tool))],
    sources: [...new Set(lookUps.flatMap(({ sources }) => sources))],
  };
}
