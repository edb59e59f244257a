import type { Entry } from '$lib/api/types';
import { fieldsOf } from '$lib/format/documents';
import type { Item, Said, ToolUse } from './items';

/**
 * A conversation with those of its sub-agents inside it.
 *
 * What a sub-agent said stands together, below the call that began it; where no call is known to
 * have begun it, behind what was said last before it began. A worker that nobody started from
 * inside the conversation is no sub-agent: a second attempt goes on where the first ended.
 */
export interface SubAgent {
  readonly kind: 'agent';
  /** Its first entry. */
  readonly entry: Entry;
  readonly worker: string;
  readonly pieces: readonly Piece[];
  readonly toolCount: number;
  readonly errorCount: number;
  /** From its first to its last entry; null where times are guesses. */
  readonly seconds: number | null;
}

export interface Waited {
  /** Seconds a person was waited for; null where it is not known. */
  readonly waited?: number | null;
}

export type Piece = ((Said & Waited) | ToolUse) | SubAgent;

interface Thread {
  readonly worker: string;
  readonly parent: string | null;
  readonly items: Item[];
}

const LEAST_WAIT = 1; // second: less is no waiting

/** `parents`: who started which worker. */
export function threadsOf(
  items: readonly Item[],
  parents: ReadonlyMap<string, string>,
): readonly Piece[] {
  const threads = new Map<string | null, Thread>();
  for (const item of items) {
    const worker = item.entry.worker_id ?? '';
    const parent = parents.get(worker) ?? null;
    const key = parent === null ? null : worker;
    const thread = threads.get(key) ?? { worker, parent, items: [] };
    thread.items.push(item);
    threads.set(key, thread);
  }
  return piecesOf(null, threads, new Set());
}

/** The pieces of one thread; `above`: the threads it stands in, so that no circle goes on for ever. */
function piecesOf(
  key: string | null,
  threads: ReadonlyMap<string | null, Thread>,
  above: ReadonlySet<string | null>,
): readonly Piece[] {
  const pieces: Piece[] = withWaits(threads.get(key)?.items ?? []);
  const inside = new Set([...above, key]);
  for (const [worker, thread] of threads) {
    if (worker === null || inside.has(worker)) continue;
    if (homeOf(thread, threads) !== key) continue;
    const agent = agentOf(thread, piecesOf(worker, threads, inside));
    pieces.splice(placeOf(agent, pieces), 0, agent);
  }
  return pieces;
}

/** The thread that a sub-agent stands in: its parent's, or the main one where that says nothing. */
function homeOf(thread: Thread, threads: ReadonlyMap<string | null, Thread>): string | null {
  return thread.parent !== null && threads.has(thread.parent) ? thread.parent : null;
}

function agentOf({ worker, items }: Thread, pieces: readonly Piece[]): SubAgent {
  const tools = items.filter((item): item is ToolUse => item.kind === 'tool');
  const entry = (items[0] as Item).entry;
  return {
    ...{ kind: 'agent', entry, worker, pieces },
    toolCount: tools.length,
    errorCount: tools.filter(({ isError }) => isError).length,
    seconds: isGuessed(entry) ? null : between(entry, lastOf(items.at(-1) as Item)),
  };
}

function placeOf(agent: SubAgent, pieces: readonly Piece[]): number {
  const call = pieces.findIndex((piece) => {
    const id = piece.kind === 'tool' ? piece.callId : null;
    return id !== null && agent.worker.endsWith(id);
  });
  if (call >= 0) return call + 1;
  const start = Date.parse(agent.entry.timestamp);
  return pieces.findLastIndex(({ entry }) => Date.parse(entry.timestamp) <= start) + 1;
}

function withWaits(items: readonly Item[]): Piece[] {
  return items.map((item, at) => {
    const before = items[at - 1];
    if (item.kind !== 'user' || !before || !mayAsk(before)) return item;
    if (isGuessed(item.entry)) return item;
    const seconds = between(lastOf(before), item.entry);
    return { ...item, waited: seconds !== null && seconds >= LEAST_WAIT ? seconds : null };
  });
}

/** A person was waited for where somebody said something to them, or a tool asked. */
const mayAsk = (item: Item): boolean =>
  item.kind === 'tool' ? /^ask|question/i.test(item.name) : item.kind === 'text';

const lastOf = (item: Item): Entry =>
  item.kind === 'tool' ? (item.result ?? item.entry) : item.entry;

function isGuessed(entry: Entry): boolean {
  return fieldsOf(entry.event).timestamp_is_estimated === true;
}

function between(from: Entry, to: Entry): number | null {
  const seconds = (Date.parse(to.timestamp) - Date.parse(from.timestamp)) / 1_000;
  return Number.isNaN(seconds) || seconds < 0 ? null : seconds;
}

/** How often somebody speaks: what one steps through. */
export function turnCount(pieces: readonly Piece[]): number {
  return pieces.filter(({ kind }) => kind === 'text' || kind === 'user').length;
}
