import { describe, expect, it } from 'vitest';
import { protocolsOf, withKey } from './key';

describe('withKey', () => {
  it('shows the key beside the other headers', async () => {
    const asked: Headers[] = [];
    const fetcher = ((_: unknown, init?: RequestInit) => {
      asked.push(new Headers(init?.headers));
      return Promise.resolve(new Response('{}'));
    }) as typeof fetch;
    await withKey(fetcher, () => 'secret')('/a', { headers: { accept: 'x' } });
    await withKey(fetcher, () => null)('/a', { headers: { accept: 'x' } });

    expect(asked.map((headers) => [headers.get('accept'), headers.get('authorization')])).toEqual([
      ['x', 'Bearer secret'],
      ['x', null],
    ]);
  });
});

describe('withKey and its letters', () => {
  it('shows a key in the bytes of UTF-8, which is all that a header carries', async () => {
    const shown: (string | null)[] = [];
    const fetcher = ((_: unknown, init?: RequestInit) => {
      shown.push(new Headers(init?.headers).get('authorization'));
      return Promise.resolve(new Response('{}'));
    }) as typeof fetch;
    await withKey(fetcher, () => 'ß☃')('/a');

    expect(shown).toEqual(['Bearer \u00c3\u009f\u00e2\u0098\u0083']);
  });
});

describe('protocolsOf', () => {
  it('writes any key in letters that a protocol may have', () => {
    expect(protocolsOf('ü?>/ö')).toEqual(['tasktrail', 'tasktrail.bearer.w7w_Pi_Dtg']);
    expect(protocolsOf(null)).toEqual([]);
  });
});
