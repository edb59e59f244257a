import { describe, expect, it } from 'vitest';
import { ApiClient, Problem, queryOf, wordsOf } from './client';
import { TaskLogs } from './logs';

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
    const logs = new TaskLogs(answering(new Response()), 'a/b');

    expect(logs.followUrl({ min_level: 'error' }, 7)).toBe(
      'wss://host.test/base/ws/logs/a%2Fb?min_level=error&after_seq=7',
    );
  });
});

describe('TaskLogs', () => {
  it('finds the rank of a seq by looking in the middle', async () => {
    const seqs = [3, 8, 15, 16, 23, 42];
    let asked = 0;
    const api = new ApiClient('', 'http://host.test', (url) => {
      asked += 1;
      const offset = Number(new URL(String(url), 'http://host.test').searchParams.get('offset'));
      const logs = seqs.slice(offset, offset + 1).map((seq) => ({ seq }));
      return Promise.resolve(Response.json({ logs }));
    });
    const logs = new TaskLogs(api, 'x');
    const rank = (seq: number): Promise<number> =>
      logs.rankOf(seq, seqs.length, { search: 'a' }, new AbortController().signal);

    expect(await rank(16)).toBe(3);
    expect(await rank(4)).toBe(1);
    expect(await rank(99)).toBe(6);
    expect(asked).toBeLessThanOrEqual(9);
  });
});
