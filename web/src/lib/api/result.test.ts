import { expect, it } from 'vitest';
import { ApiClient } from './client';
import { readResult } from './result';

const entry = (seq: number, message: string) => ({ seq, message, event_type: 'task:failed' });

/** An API that gives one answer to everything, and notes what it was asked for. */
function apiWith(answer: object, asked: string[] = []): ApiClient {
  return new ApiClient('', 'http://host.test', (url) => {
    asked.push(String(url).split('?')[0] ?? '');
    return Promise.resolve(Response.json(answer));
  });
}

it('asks for the documents that are there alone', async () => {
  const asked: string[] = [];
  const files = [{ name: '01-input.json', kind: 'document', size: 2 }];
  const api = apiWith({ logs: [], total_count: 0, files }, asked);
  const { input, result } = await readResult(api, 'x', new AbortController().signal);

  expect(asked.filter((path) => path.includes('/files'))).toEqual([
    '/api/tasks/x/files',
    '/api/tasks/x/files/01-input.json',
  ]);
  expect([input === null, result]).toEqual([false, null]);
});

it('names the last errors, but for those that say only of what type they are', async () => {
  const logs = [entry(9, 'task:failed'), entry(7, 'disk full')];
  const found = await readResult(
    apiWith({ logs, total_count: 4, files: [] }),
    'x',
    new AbortController().signal,
  );

  expect(found.lastErrors.map(({ seq }) => seq)).toEqual([7]);
  expect([found.errorCount, found.firstError?.seq]).toEqual([4, 9]);
});
