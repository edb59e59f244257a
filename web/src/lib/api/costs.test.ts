import { expect, it } from 'vitest';
import { ApiClient } from './client';
import { sharedCosts } from './costs';

it('asks once for what is asked twice at a time, and again afterwards', async () => {
  const asked: string[] = [];
  const answer = (url: unknown): Promise<Response> => {
    asked.push(String(url));
    return Promise.resolve({ ok: true, json: () => Promise.resolve({ rows: [] }) } as Response);
  };
  const read = sharedCosts(new ApiClient('', 'http://here', answer as typeof fetch));

  const [one, other] = await Promise.all([read({ by: 'day' }), read({ by: 'day' })]);
  await read({ by: 'day' });
  await read({ by: 'task', since: '7d' });

  const zone = encodeURIComponent(Intl.DateTimeFormat().resolvedOptions().timeZone);
  expect(one).toBe(other);
  expect(asked).toEqual([
    `/api/costs?by=day&zone=${zone}&parts=4`,
    `/api/costs?by=day&zone=${zone}&parts=4`,
    `/api/costs?by=task&zone=${zone}&since=7d`,
  ]);
});
