import { describe, expect, it } from 'vitest';
import { hueOf } from './hue';

describe('hues', () => {
  it('stay with their name and keep away from red and amber', () => {
    const names = Array.from({ length: 200 }, (_, i) => `source-${i}`);
    const hues = new Set(names.map(hueOf));

    expect(hueOf('git')).toBe(hueOf('git'));
    expect(hues.size).toBe(8);
    expect([...hues].every((hue) => hue >= 140 && hue <= 340)).toBe(true);
  });
});
