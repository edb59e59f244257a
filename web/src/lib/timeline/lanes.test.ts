import { describe, expect, it } from 'vitest';
import type { Entry } from '$lib/api/types';
import { lanesOf, thinned, type Deed } from './lanes';

const entry = (seq: number, type: string, more: Partial<Entry> = {}): Entry =>
  ({
    ...{ seq, level: 'info', channel: 'agent_output', message: `m${seq}`, worker_id: 'w' },
    ...{
      event_type: `task:${type}`,
      fields: { type },
      timestamp: new Date(seq * 1_000).toISOString(),
    },
    ...more,
  }) as Entry;

const tool = (seq: number, type: string, name: string, more = {}): Entry =>
  entry(seq, type, { fields: { type, tool_name: name, ...more } });

describe('lanesOf', () => {
  it('has a lane for each worker and a bar from call to result', () => {
    const lanes = lanesOf([
      tool(1, 'tool_call', 'Bash'),
      tool(2, 'tool_call', 'Read'),
      entry(3, 'output', { worker_id: 'other' }),
      tool(5, 'tool_result', 'Bash', { is_error: true }),
      tool(6, 'tool_result', 'Read'),
    ]);
    const [first] = lanes;

    expect(lanes.map(({ worker }) => worker)).toEqual(['w', 'other']);
    expect(first?.deeds.map(({ startMs, endMs, isFailed }) => [startMs, endMs, isFailed])).toEqual([
      [1_000, 5_000, true],
      [2_000, 6_000, false],
    ]);
  });

  it('draws a call of a model as long as it took, up to when it was told', () => {
    const call = entry(9, 'api_call', {
      channel: 'api_calls',
      fields: { model: 'm', duration_ms: 4_000 },
    });

    expect(lanesOf([call])[0]?.deeds[0]).toMatchObject({
      kind: 'api',
      startMs: 5_000,
      endMs: 9_000,
    });
  });

  it('shows a call that nothing answered', () => {
    const [lane] = lanesOf([tool(4, 'tool_call', 'Bash')]);

    expect(lane?.deeds.map(({ words, seq }) => [words, seq])).toEqual([['m4, no result', 4]]);
  });
});

describe('thinned', () => {
  it('draws what stands at one place once, and fails it if one of them failed', () => {
    const deed = (startMs: number, isFailed: boolean): Deed => ({
      ...{ kind: 'tool', startMs, endMs: startMs + 1, words: '', isFailed, seq: startMs },
    });
    const cells = thinned([deed(0, false), deed(1, true), deed(90, false)], (ms) => ms, 10);

    expect(cells.map(({ count, isFailed }) => [count, isFailed])).toEqual([
      [2, true],
      [1, false],
    ]);
  });
});
