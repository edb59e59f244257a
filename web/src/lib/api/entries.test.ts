import { describe, expect, it } from 'vitest';
import { isRepeated, slim } from './entries';
import type { Entry } from './types';

const entry = (rest: Partial<Entry>): Entry => ({ seq: 1, message: 'hi', ...rest }) as Entry;

describe('slim', () => {
  it('keeps what a row shows and leaves out the rest', () => {
    const kept = slim(entry({ level: 'info', fields: { type: 'thinking' }, event: { a: 1 } }));

    expect(kept).toMatchObject({ seq: 1, message: 'hi', level: 'info', contentType: 'thinking' });
    expect(kept).not.toHaveProperty('event');
    expect(kept.cutFrom).toBeNull();
  });

  it('keeps the start of a big message and says how big it is', () => {
    const big = slim(entry({ message: 'é'.repeat(10_000) }));

    expect(big.message).toBe('é'.repeat(8_192));
    expect(big.cutFrom).toBe(20_000);
  });

  it.each([
    ['whole', { message: 'short', size: 5 }, null],
    ['whole, of several bytes a character', { message: 'é', size: 2 }, null],
    ['shortened by the server', { message: 'short', size: 900_000 }, 900_000],
  ])('knows a message that is %s', (_, rest, cutFrom) => {
    expect(slim(entry(rest)).cutFrom).toBe(cutFrom);
  });

  it('says what an entry without words carries, and of others only their words', () => {
    const event = { data: { status: 'blocked' } };
    const type = 'task:status';

    expect(slim(entry({ event_type: type, message: type, event })).aside).toBe('status=blocked');
    expect(slim(entry({ event_type: type, message: 'waits', event })).aside).toBe('');
  });

  it.each([[null], ['text'], [{ type: 7 }], [undefined]])(
    'finds no content type in %j',
    (fields) => {
      expect(slim(entry({ fields })).contentType).toBeNull();
    },
  );
});

describe('what is said again', () => {
  const line = (rest: Partial<Entry>) =>
    slim(entry({ event_type: 'task:log', level: 'info', source: 'git', stage: null, ...rest }));
  const step = (percent: number, progress_id: string | null, message: string) =>
    line({ percent, message, event: { data: { progress_id } } });

  it.each<[string, Partial<Entry>, boolean]>([
    ['the same words', {}, true],
    ['other words', { message: 'ho' }, false],
    ['another level', { level: 'error' }, false],
    ['another source', { source: 'npm' }, false],
    ['another stage', { stage: 'test' }, false],
    ['an event of another kind', { event_type: 'task:output' }, false],
    ['a message that is longer than shown', { size: 900_000 }, false],
  ])('is told by %s', (_, rest, expected) => {
    expect(isRepeated(line({}), line(rest))).toBe(expected);
  });

  it('is more of one progress, whatever its words', () => {
    expect(isRepeated(step(1, 'a', '1 of 9'), step(2, 'a', '2 of 9'))).toBe(true);
    expect(isRepeated(step(1, 'a', '1 of 9'), step(2, 'b', '1 of 9'))).toBe(false);
    expect(isRepeated(step(1, null, 'fetching'), step(2, null, 'fetching'))).toBe(true);
    expect(isRepeated(step(1, null, 'fetching'), line({ message: 'fetching' }))).toBe(false);
  });

  it('is never an output of an agent', () => {
    const said = line({ event_type: 'task:output' });

    expect(isRepeated(said, said)).toBe(false);
  });
});
