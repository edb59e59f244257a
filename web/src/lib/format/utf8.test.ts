import { describe, expect, it } from 'vitest';
import { cutoutOf } from './utf8';

describe('parts of a long text', () => {
  const whole = 'aé€😀z'.repeat(5);
  const bytes = new TextEncoder().encode(whole);

  it.each([1, 2, 3, 4, 5, 7, 64])('of %i bytes and more come to the whole text', (size) => {
    let [text, at] = ['', 0];
    while (at < bytes.length) {
      const end = Math.min(bytes.length, at + Math.max(4, size));
      const part = cutoutOf(bytes.subarray(at, end), true, end === bytes.length);
      text += part.text;
      at += part.used;
    }

    expect(text).toBe(whole);
  });

  it('begin with a whole character wherever they are cut out', () => {
    expect(cutoutOf(bytes.subarray(2, 7), false, false).text).toBe('€');
  });
});
