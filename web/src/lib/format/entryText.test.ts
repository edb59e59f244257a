import { describe, expect, it } from 'vitest';
import { lineOf } from './entryText';

describe('an entry as text', () => {
  const entry = { timestamp: '2026-02-14T10:00:00Z', level: 'error', source: 'git' };

  it('is one line, further ones indented, without what steers a terminal', () => {
    const message = '\u001b[31mred\u001b[0m\nsecond \u001b]0;title\u0007line';

    expect(lineOf({ ...entry, message })).toBe(
      '2026-02-14T10:00:00Z ERROR git: red\n    second line',
    );
  });
});
