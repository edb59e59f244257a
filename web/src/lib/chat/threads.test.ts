import { describe, expect, it } from 'vitest';
import type { Entry } from '$lib/api/types';
import { itemsOf } from './items';
import { threadsOf, turnCount, type Piece, type SubAgent } from './threads';

let seq = 0;
const at = (second: number): string => new Date(second * 1_000).toISOString();

function entry(type: string, second: number, more: Partial<Entry> = {}): Entry {
  seq += 1;
  const channel = type === 'user_input' ? 'user_inputs' : 'agent_output';
  const fields = { type };
  return {
    ...{ seq, channel, fields, level: 'info', message: type, timestamp: at(second) },
    ...{ event_type: `task:${type}`, worker_id: 'main', ...more },
  } as Entry;
}

const call = (id: string, second: number, more: Partial<Entry> = {}): Entry =>
  entry('tool_call', second, {
    fields: { type: 'tool_call', tool_name: 'Task', tool_use_id: id },
    ...more,
  });

const kinds = (pieces: readonly Piece[]): string[] => pieces.map(({ kind }) => kind);
const agents = (pieces: readonly Piece[]): SubAgent[] =>
  pieces.filter((piece): piece is SubAgent => piece.kind === 'agent');

describe('threadsOf', () => {
  it('puts a sub-agent below the call that began it', () => {
    const items = itemsOf([
      entry('output', 1),
      call('t1', 2),
      entry('output', 3),
      entry('output', 4, { worker_id: 'x.t1' }),
      entry('output', 9, { worker_id: 'x.t1' }),
    ]);
    const pieces = threadsOf(items, new Map([['x.t1', 'main']]));

    expect(kinds(pieces)).toEqual(['text', 'tool', 'agent', 'text']);
    expect(agents(pieces)[0]?.pieces).toHaveLength(2);
    expect(agents(pieces)[0]?.seconds).toBe(5);
  });

  it('puts a sub-agent whose call is not known where it began', () => {
    const items = itemsOf([
      entry('output', 1),
      entry('output', 9),
      entry('output', 5, { worker_id: 'helper' }),
    ]);

    expect(kinds(threadsOf(items, new Map([['helper', 'main']])))).toEqual([
      'text',
      'agent',
      'text',
    ]);
  });

  it('nests sub-agents of sub-agents, and shows those whose parent said nothing', () => {
    const items = itemsOf([
      entry('output', 1),
      entry('output', 2, { worker_id: 'a' }),
      entry('output', 3, { worker_id: 'b' }),
      entry('output', 4, { worker_id: 'c' }),
    ]);
    const parents = new Map([
      ['a', 'main'],
      ['b', 'a'],
      ['c', 'silent'],
    ]);
    const pieces = threadsOf(items, parents);

    expect(agents(pieces).map(({ worker }) => worker)).toEqual(['a', 'c']);
    expect(agents(agents(pieces)[0]?.pieces ?? []).map(({ worker }) => worker)).toEqual(['b']);
  });

  it('keeps the attempts of one task in one thread', () => {
    const items = itemsOf([entry('output', 1), entry('output', 2, { worker_id: 'second' })]);

    expect(kinds(threadsOf(items, new Map()))).toEqual(['text', 'text']);
  });

  it('says how long a person was waited for', () => {
    const items = itemsOf([
      entry('user_input', 0),
      entry('output', 10),
      entry('user_input', 370),
      entry('user_input', 400),
      entry('output', 401),
      entry('user_input', 999, { event: { timestamp_is_estimated: true } }),
    ]);
    const waits = threadsOf(items, new Map()).map((piece) =>
      'waited' in piece ? piece.waited : undefined,
    );

    expect(waits).toEqual([undefined, undefined, 360, undefined, undefined, undefined]);
    expect(turnCount(threadsOf(items, new Map()))).toBe(6);
  });

  it('waited for nobody whom nothing asked', () => {
    const ask = { type: 'tool_call', tool_name: 'AskUserQuestion', tool_use_id: 'q' };
    const items = itemsOf([
      call('a', 0),
      entry('user_input', 10),
      entry('tool_call', 20, { fields: ask }),
      entry('user_input', 30),
    ]);
    const waits = threadsOf(items, new Map()).map((piece) =>
      'waited' in piece ? piece.waited : undefined,
    );

    expect(waits).toEqual([undefined, undefined, undefined, 10]);
  });
});
