import { describe, expect, it } from 'vitest';
import { briefOf, childrenOf, glimpseOf, kindOf, sizeOf } from './jsonTree';

describe('a tree of JSON', () => {
  it('tells kinds and sizes apart', () => {
    const values = [{}, [], 'x', 1, null, true];

    expect(values.map(kindOf)).toEqual(['object', 'array', 'string', 'number', 'word', 'word']);
    expect([{ a: 1 }, [1, 2], 'xyz'].map(sizeOf)).toEqual([1, 2, 0]);
  });

  it('hands out only as many children as are asked for', () => {
    const wide = Object.fromEntries(Array.from({ length: 100_000 }, (_, i) => [`k${i}`, i]));

    expect(childrenOf(wide, 2)).toEqual([
      { key: 'k0', value: 0 },
      { key: 'k1', value: 1 },
    ]);
    expect(childrenOf([5], 10)).toEqual([{ key: '0', value: 5 }]);
  });

  it('shows leaves as JSON and the rest by size', () => {
    expect([null, 'a"b', [1], { a: 1 }].map(briefOf)).toEqual(['null', '"a\\"b"', '[1]', '{1}']);
  });

  it('gives a glimpse that ends', () => {
    expect(glimpseOf({ a: 1, b: 'x'.repeat(99), c: [1] })).toBe(
      `{a: 1, b: "${'x'.repeat(29)}…", c: [1]}`,
    );
    expect(glimpseOf(Array.from({ length: 99 }, (_, i) => i))).toBe('[0, 1, 2, 3, 4, 5, 6, 7, …]');
  });

  it('keeps numbers as they were written where the browser can', () => {
    const raw = Object.freeze(
      Object.assign(Object.create(null) as object, { rawJSON: '9007199254740993' }),
    );

    expect(kindOf(raw)).toBe('number');
    expect(briefOf(raw)).toBe('9007199254740993');
    expect(kindOf({ rawJSON: '1' })).toBe('object');
  });
});
