import { describe, expect, it } from 'vitest';
import { slim } from './entries';
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

  it.each([[null], ['text'], [{ type: 7 }], [undefined]])(
    'finds no content type in %j',
    (fields) => {
      expect(slim(entry({ fields })).contentType).toBeNull();
    },
  );
});
