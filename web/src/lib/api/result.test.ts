import { expect, it } from 'vitest';
import { ApiClient } from './client';
import { readResult } from './result';

const entry = (seq: number, message: string) => ({ seq, message, event_type: 'task:failed' });

it('names the last errors, but for those that say only of what type they are', async () => {
  const logs = [entry(9, 'task:failed'), entry(7, 'disk full')];
  const api = new ApiClient('', 'http://host.test', (url) =>
    Promise.resolve(
      Response.json(String(url).includes('/logs?') ? { logs, total_count: 4 } : { result: 'no' }),
    ),
  );
  const found = await readResult(api, 'x', new AbortController().signal);

  expect(found.lastErrors.map(({ seq }) => seq)).toEqual([7]);
  expect([found.errorCount, found.firstError?.seq]).toEqual([4, 9]);
});
