import { describe, expect, it } from 'vitest';
import type { Entry } from '$lib/api/types';
import { lookUpsOf, summaryOf } from './lookups';

const entry = (seq: number, fields: unknown, channel = 'knowledge_interactions'): Entry =>
  ({
    ...{ seq, fields, channel, message: 'm', event_type: 'knowledge:query' },
    timestamp: `2026-01-02T03:04:0${seq}.000Z`,
  }) as Entry;

const told = [
  entry(1, { type: 'query', tool_name: 'kb', query: 'auth', source_types: ['code'] }),
  entry(2, { type: 'query', tool_name: 'kb', query: 'other' }),
  entry(3, {
    ...{ type: 'result', tool_name: 'kb', query: 'auth', results_count: 7, query_time_ms: 88 },
    ...{ results_preview: [{ source_type: 'code', source_id: 'a.py', relevance_score: 0.9 }] },
    cached: true,
  }),
  entry(4, { type: 'context_used', tool_name: 'kb', contexts_count: 2, total_tokens: 900 }),
];

describe('lookUpsOf', () => {
  it('gives each question the answer with its words', () => {
    const [first, second, used] = lookUpsOf({ told, total: 4, toolUses: [] });

    expect([first?.found, first?.seconds, first?.isCached]).toEqual([7, 0.088, true]);
    expect(first?.hits).toEqual([{ source: 'code', id: 'a.py', score: 0.9 }]);
    expect([second?.words, second?.found]).toEqual(['other', null]);
    expect([used?.kind, used?.words]).toEqual(['context_used', '2 contexts used, 900 tokens']);
  });

  it('counts the results where their number was left out', () => {
    const answer = { results_count: 0, results_preview: [], query_time_ms: 0 };
    const results = [{ title: 'a' }, { title: 'b' }];
    const said = { type: 'result', tool_name: 'kb', ...answer, results, duration_ms: 88 };
    const [alone] = lookUpsOf({ told: [entry(1, said)], total: 1, toolUses: [] });

    expect([alone?.found, alone?.hits.length, alone?.seconds]).toEqual([2, 2, 0.088]);
  });

  it('shows an answer whose question is not there', () => {
    const [alone] = lookUpsOf({ told: [told[2] as Entry], total: 1, toolUses: [] });

    expect([alone?.words, alone?.found]).toEqual(['auth', 7]);
  });

  it('takes calls of look-up tools for questions', () => {
    const toolUses = [
      entry(5, { type: 'tool_call', tool_name: 'code_search', tool_input: 'x' }, 'agent_output'),
      entry(8, { type: 'tool_result', tool_name: 'code_search' }, 'agent_output'),
    ];
    const [use] = lookUpsOf({ told: [], total: 0, toolUses });

    expect([use?.kind, use?.words, use?.seconds, use?.answer]).toEqual(['tool', 'x', 3, 'm']);
  });
});

describe('summaryOf', () => {
  it('makes no figure of what nobody told', () => {
    const silent = [
      entry(1, { type: 'query', tool_name: 'kb', query: 'auth' }),
      entry(2, { type: 'result', tool_name: 'kb', query: 'auth', query_time_ms: 0 }),
    ];
    const asked = lookUpsOf({ told: [silent[0] as Entry], total: 1, toolUses: [] });

    expect(summaryOf(asked)).toMatchObject({ answered: 0, hits: null, seconds: null });
    expect(summaryOf(lookUpsOf({ told: silent, total: 2, toolUses: [] })).seconds).toBeNull();
  });

  it('counts questions, hits, time and what was cached', () => {
    const summary = summaryOf(lookUpsOf({ told, total: 4, toolUses: [] }));

    expect(summary).toEqual({
      ...{ queries: 2, answered: 1, hits: 7, seconds: 0.088, cached: 1 },
      ...{ tools: ['kb'], sources: ['code'] },
    });
  });
});
