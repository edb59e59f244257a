import { describe, expect, it } from 'vitest';
import type { SlimEntry } from '$lib/api/entries';
import { asideOf, kindOf, messageOf } from './kinds';
import { previewOf } from './preview';
import { besideView } from './selected';

const entry = (rest: Partial<SlimEntry>): SlimEntry =>
  ({ event_type: 'task:log', message: 'hi', contentType: null, ...rest }) as SlimEntry;

describe('kinds', () => {
  it.each([
    ['task:log', '', 'plain'],
    ['task:tool_call', '▸ tool', 'tool'],
    ['webhook:validated', 'webhook validated', 'web'],
    ['stage:started', 'stage started', 'life'],
    ['task:api_call', 'api call', 'life'],
    ['something', 'something', 'life'],
    ['gap', '⚠ gap', 'loss'],
  ])('%s', (event_type, label, tone) => {
    expect(kindOf(entry({ event_type }))).toEqual({ label, tone });
  });

  it('sees thinking in what the agent put out', () => {
    const thinking = entry({ event_type: 'task:output', contentType: 'thinking' });

    expect(kindOf(thinking).tone).toBe('thinking');
  });

  it('does not say the event type twice', () => {
    const started = entry({ event_type: 'task:started', message: 'task:started' });

    expect(messageOf(started, kindOf(started))).toBe('');
    expect(messageOf(entry({}), kindOf(entry({})))).toBe('hi');
  });

  it('says values beside a kind, and not beside a plain line', () => {
    const [line, status] = [
      entry({ aside: 'a=b' }),
      entry({ event_type: 'task:status', aside: 'a=b' }),
    ];

    expect(asideOf(status, kindOf(status))).toBe('a=b');
    expect(asideOf(line, kindOf(line))).toBe('');
  });
});

describe('previews', () => {
  it('show short messages whole', () => {
    expect(previewOf('a\nb')).toEqual({ head: 'a\nb', hiddenLines: 0, isCut: false, tail: '' });
    expect(previewOf('').isCut).toBe(false);
  });

  it('show the beginning and the end of many lines, and say how many lie between', () => {
    const lines = Array.from({ length: 38 }, (_, i) => `line ${i}`).join('\n');
    const preview = previewOf(lines);

    expect(preview.head.split('\n')).toHaveLength(6);
    expect(preview.tail).toBe('line 35\nline 36\nline 37');
    expect(preview).toMatchObject({ hiddenLines: 29, isCut: true });
  });

  it('end within a very long line', () => {
    const preview = previewOf('x'.repeat(9_000));

    expect(preview.head).toHaveLength(1_200);
    expect(preview).toMatchObject({ hiddenLines: 0, isCut: true });
  });
});

describe('where errors are looked for with nothing in hand', () => {
  const frame = (from: number, to: number) => ({
    ...{ inView: [from, to] as const, firstSeq: 40, lastSeq: 90 },
  });

  it('is beside what is in view', () => {
    expect([besideView(frame(0.3, 0.5), 1), besideView(frame(0.3, 0.5), -1)]).toEqual([39, 40]);
  });

  it('is the end of all at the end, backwards, and the beginning, forwards', () => {
    expect([besideView(frame(0.8, 1), 1), besideView(frame(0.8, 1), -1)]).toEqual([0, 91]);
  });
});
