import { describe, expect, it } from 'vitest';
import { valuesOf } from './values';

describe('beside the kind of an entry', () => {
  it.each([
    [
      'all that is known',
      {
        model: 'opus',
        ...{ input_tokens: 6, cache_read_tokens: 11_184, cache_write_5m_tokens: 2_370 },
        ...{ output_tokens: 705, cost_usd: 0.022836, duration_ms: 4_589, success: true },
      },
      'opus, 13,560 in, 705 out, $0.02, 4.6 s',
    ],
    ['a failure', { model: 'opus', success: false }, 'opus, failed'],
    ['numbers that are texts', { model: 7, input_tokens: '6' }, ''],
    ['nothing', null, ''],
  ])('a model call says %s', (_, fields, words) => {
    expect(valuesOf({ event_type: 'task:api_call', fields })).toBe(words);
  });

  it.each([
    [
      'a channel',
      { fields: { tool_name: 'fetch', total_tokens: 7 } },
      'tool_name=fetch total_tokens=7',
    ],
    [
      'its data',
      { fields: { stage: 'x', data: { signature_valid: true } } },
      'signature_valid=true',
    ],
    ['what was sent', { fields: {}, event: { data: { status: 'blocked' } } }, 'status=blocked'],
    ['a stage', { event_type: 'stage:started', stage: 'edit', item: 'a.pdf' }, 'edit item=a.pdf'],
    ['an item', { item: 'a.pdf', event: {} }, 'item=a.pdf'],
    ['nothing', { fields: [], event: 'text' }, ''],
  ])('an event says the values of %s', (_, rest, words) => {
    expect(valuesOf({ event_type: 'x:y', ...rest })).toBe(words);
  });

  it('leaves out ids, names of formats, and values that are no short text', () => {
    const data = { task_id: 't', _own: 1, format: 'f', list: [1], none: null, empty: ' ' };

    expect(valuesOf({ event_type: 'x:y', event: { data } })).toBe('');
  });

  it('is one line, of a long value its beginning, and of many values the first', () => {
    const many = Object.fromEntries(Array.from({ length: 9 }, (_, at) => [`n${at}`, at]));

    expect(valuesOf({ event_type: 'x:y', event: { data: { a: 'b\n\n c' } } })).toBe('a=b c');
    expect(valuesOf({ event_type: 'x:y', event: { data: { a: '\u202e' } } })).not.toContain(
      '\u202e',
    );
    expect(valuesOf({ event_type: 'x:y', event: { data: { a: 'x'.repeat(99) } } })).toBe(
      `a=${'x'.repeat(60)}…`,
    );
    expect(valuesOf({ event_type: 'x:y', event: { data: many } })).toBe(
      'n0=0 n1=1 n2=2 n3=3 n4=4 n5=5',
    );
  });
});
