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

describe('protocolsOf', () => {
  it('writes any key in letters that a protocol may have', () => {
    expect(protocolsOf('ü?>/ö')).toEqual(['tasktrail', 'tasktrail.bearer.w7w_Pi_Dtg']);
    expect(protocolsOf(null)).toEqual([]);
  });
});
