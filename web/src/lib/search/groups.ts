import type { Entry } from '$lib/api/types';

export interface Group {
  readonly taskId: string;
  readonly hits: readonly Entry[];
}

/** Hits by task, in the order in which tasks were first found. */
export function groupsOf(hits: readonly Entry[]): readonly Group[] {
  const groups = new Map<string, Entry[]>();
  for (const hit of hits) {
    const id = hit.task_id ?? '';
    const group = groups.get(id);
    if (group) group.push(hit);
    else groups.set(id, [hit]);
  }
  return [...groups].map(([taskId, own]) => ({ taskId, hits: own }));
}
