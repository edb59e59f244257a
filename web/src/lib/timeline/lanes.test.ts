import { describe, expect, it } from 'vitest';
import type { Activity } from '$lib/api/activity';
import { lanesOf, longestOf, thinned, type Deed, type Lane } from './lanes';

const activity = (
  workers: string[],
  rows: readonly [number, number, number | null][],
): Activity => ({
  ...{ task_id: 't', total_count: rows.length, read: rows.length, workers, words: ['Bash ls'] },
  deeds: {
    ...{ worker: rows.map(([worker]) => worker), words: rows.map(() => 0) },
    ...{ kind: rows.map(() => 'tool' as const), seq: rows.map((_, at) => at + 1) },
    ...{ start_ms: rows.map(([, start]) => start), took_ms: rows.map(([, , took]) => took) },
    is_failed: rows.map(() => false),
  },
});

const deed = (startMs: number, endMs = startMs + 1, isFailed = false): Deed => ({
  ...{ kind: 'tool', startMs, endMs, words: '', isFailed, seq: startMs },
});

describe('lanesOf', () => {
  it('says words as plain text, whatever they hold', () => {
    const said = { ...activity(['w'], [[0, 1, 1]]), words: ['a\u202eb \u001b[31mc'] };

    expect(lanesOf(said, 0)[0]?.deeds[0]?.words).toBe('ab c');
  });

  it('has a lane for each worker', () => {
    const said = activity(
      ['w', 'other'],
      [
        [0, 1_000, 4_000],
        [0, 2_000, 0],
        [1, 3_000, 5],
      ],
    );

    expect(
      lanesOf(said, 0).map(({ worker, deeds }) => [
        worker,
        deeds.map(({ seq, endMs }) => [seq, endMs]),
      ]),
    ).toEqual([
      [
        'w',
        [
          [1, 5_000],
          [2, 2_000],
        ],
      ],
      ['other', [[3, 3_005]]],
    ]);
  });

  it('draws a call that nothing answered until now, or where it began', () => {
    const said = activity(['w'], [[0, 4_000, null]]);
    const [later, ended] = [9_000, 0].map((until) => lanesOf(said, until)[0]?.deeds[0]);

    expect(later).toMatchObject({ words: 'Bash ls, no result', startMs: 4_000, endMs: 9_000 });
    expect(ended?.endMs).toBe(4_000);
  });
});

describe('longestOf', () => {
  it('has the longest of all lanes, the longest first', () => {
    const lane = (worker: string, lengths: number[]): Lane => ({
      worker,
      deeds: lengths.map((length, at) => deed(at, at + length)),
    });
    const many = Array.from({ length: 100 }, (_, at) => (at * 37) % 101);

    const longest = longestOf([lane('a', many), lane('b', [500, 0])], 3);

    expect(longest.map(({ worker, startMs, endMs }) => [worker, endMs - startMs])).toEqual([
      ['b', 500],
      ...[100, 99].map((length) => ['a', length]),
    ]);
    expect(longestOf([lane('a', [0, 0])], 3)).toEqual([]);
  });
});

describe('thinned', () => {
  it('draws what stands at one place once, and fails it if one of them failed', () => {
    const cells = thinned([deed(0), deed(1, 2, true), deed(90)], (ms) => ms, 10);

    expect(cells.map(({ count, isFailed }) => [count, isFailed])).toEqual([
      [2, true],
      [1, false],
    ]);
  });
});
