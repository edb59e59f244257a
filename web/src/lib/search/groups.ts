import type { Hit } from '$lib/api/search';

export interface Group {
  readonly taskId: string;
  readonly title: string;
  readonly hits: readonly Hit[];
}

/** Hits by task, in the order in which tasks were first found. */
export function groupsOf(hits: readonly Hit[]): readonly Group[] {
  const groups = new Map<string, Hit[]>();
  for (const hit of hits) {
    const id = hit.task_id ?? '';
    const group = groups.get(id);
    if (group) group.push(hit);
    else groups.set(id, [hit]);
  }
  return [...groups].map(([taskId, own]) => ({ taskId, title: own[0]?.title ?? '', hits: own }));
}

const BEFORE = 120; // characters that stand before what was looked for

/** So much of a long text, from a little before the first of the words that stands in it. */
export function around(text: string, words: readonly string[], most: number): string {
  const low = text.toLowerCase();
  const places = words.map((word) => low.indexOf(word.toLowerCase())).filter((at) => at >= 0);
  const at = Math.min(...places);
  if (text.length <= most || !(at > BEFORE && at < text.length)) return text.slice(0, most);
  const from = text.lastIndexOf('\n', at) + 1; // a line is read from its beginning
  const begin = at - from <= BEFORE ? from : at - BEFORE;
  return `… ${text.slice(begin, begin + most)}`;
}
