import type { ApiClient } from './client';
import { TaskLogs } from './logs';
import type { Entry } from './types';

/** What was asked of knowledge: the entries of its channel, and tool calls that ask the same way. */
export interface KnowledgeEntries {
  readonly told: readonly Entry[];
  readonly total: number;
  readonly toolUses: readonly Entry[];
}

const MOST = 500;
const PREVIEW = 16_384;
/** Names of tools that look things up, and how they begin. */
const TOOLS = ['mcp__llamaindex__', 'mcp__gkg__', 'mcp__knowledge', 'knowledge_', 'code_search'];

export async function readKnowledge(
  api: ApiClient,
  taskId: string,
  signal: AbortSignal,
): Promise<KnowledgeEntries> {
  const logs = new TaskLogs(api, taskId);
  const place = { limit: MOST, preview: PREVIEW };
  const [told, ...found] = await Promise.all([
    logs.matching('channel:knowledge_interactions', place, signal),
    ...TOOLS.map((name) =>
      logs.matching(`type:task:tool_call,task:tool_result "${name}"`, place, signal),
    ),
  ]);
  const uses = new Map(found.flatMap(({ logs: all }) => all.map((entry) => [entry.seq, entry])));
  const toolUses = [...uses.values()].filter(isLookUp).sort((a, b) => a.seq - b.seq);
  return { told: told.logs, total: told.total_count, toolUses };
}

/** Whether the tool's name says so, and not only its input. */
function isLookUp(entry: Entry): boolean {
  const { tool_name: tool, name } = (entry.fields ?? {}) as Readonly<Record<string, unknown>>;
  const said = typeof tool === 'string' ? tool : name;
  return typeof said === 'string' && TOOLS.some((one) => said.startsWith(one));
}
