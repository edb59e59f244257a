import { describe, expect, it } from 'vitest';
import { ApiClient, Problem, queryOf, wordsOf } from './client';
import { TaskLogs } from './logs';
import { bytesOf } from './wholeEntries';

const answering = (response: Response | Error): ApiClient =>
  new ApiClient('/base', 'https://host.test', () =>
    response instanceof Error ? Promise.reject(response) : Promise.resolve(response),
  );

describe('ApiClient', () => {
  it('leaves out parameters without a value', () => {
    expect(queryOf({ search: 'a b&c', level: '', source: null, limit: 0 })).toBe(
      '?search=a+b%26c&limit=0',
    );
    expect(queryOf({})).toBe('');
  });

  it('raises what the server says of its error', async () => {
    const body = JSON.stringify({ code: 'task_not_found', detail: 'No task "x".' });
    const error: unknown = await answering(new Response(body, { status: 404 }))
      .get('/api/tasks/x')
      .catch((problem: unknown) => problem);

    expect(error).toMatchObject({ status: 404, code: 'task_not_found' });
    expect(wordsOf(error)).toBe('No task "x". (404)');
  });

  it('raises a problem for an error page and for no answer', async () => {
    const page = answering(new Response('<h1>no</h1>', { status: 502, statusText: 'Bad Gateway' }));

    await expect(page.get('/')).rejects.toThrow('The server answered 502 Bad Gateway');
    await expect(answering(new TypeError('failed')).get('/')).rejects.toThrow(Problem);
  });

  it('names sockets below the base path, with the page’s own security', () => {
    const api = answering(new Response());

    expect(api.socketUrl('/ws/logs/a%2Fb', { min_level: 'error', after_seq: 7 })).toBe(
      'wss://host.test/base/ws/logs/a%2Fb?min_level=error&after_seq=7',
    );
  });
});

describe('TaskLogs', () => {
  it('knows the rank of a seq from how many match before it', async () => {
    const asked: string[] = [];
    const api = new ApiClient('', 'http://host.test', (url) => {
      asked.push(String(url));
      return Promise.resolve(Response.json({ logs: [], total_count: 3 }));
    });
    const logs = new TaskLogs(api, 'x');

    expect(await logs.rankOf(16, { search: 'a' })).toBe(3);
    expect(asked).toEqual(['/api/tasks/x/logs?search=a&to_seq=15&limit=1&preview=8192']);
    expect(await logs.rankOf(1, {})).toBe(0);
  });

  it('asks for a part of a body and knows the size of all', async () => {
    const ranges: (string | undefined)[] = [];
    const api = new ApiClient('', 'http://host.test', (_url, init) => {
      ranges.push((init?.headers as Record<string, string>).range);
      const headers = { 'content-range': 'bytes 2-4/900' };
      return Promise.resolve(new Response('abc', { status: 206, headers }));
    });

    const { bytes, size } = await bytesOf(new TaskLogs(api, 'x'), [7, 'message'], [2, 3]);

    expect(ranges).toEqual(['bytes=2-4']);
    expect([bytes.length, size]).toEqual([3, 900]);
  });
});
