import { readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { FIRST_DEEDS, readActivity } from './activity';
import { ApiClient } from './client';
import { readBudgets, readCosts } from './costs';
import { withEarly, type Opening } from './early';
import { TaskLogs } from './logs';
import { readStages } from './stages';
import { listTasks, readTask } from './tasks';

const PAGE = readFileSync(new URL('../../app.html', import.meta.url), 'utf8');
const SCRIPT = /<script>([^<]*askedEarly[^]*?)<\/script>/.exec(PAGE)?.[1] ?? '';
const EMPTY = { logs: [], total_count: 0, next_cursor: null };
const OPENED = { task: { task_id: 'a b' }, stages: [{ stage: 'plan' }], ...EMPTY };

type Asked = NonNullable<Window['askedEarly']>;

/** What the page itself asks for at an address, and with which headers. */
function early(
  address: string,
  key: string | null = null,
  opened: object = OPENED,
  blocks = new Map<string, string>(),
) {
  const { pathname, search, hash } = new URL(address, 'http://here');
  const headers: unknown[] = [];
  const urls: string[] = [];
  const window: { askedEarly?: Asked; opening?: Opening; shown?: Promise<void> } = {};
  runInNewContext(SCRIPT, {
    window,
    location: { pathname, search, hash },
    document: {
      querySelectorAll: () =>
        [...blocks].map(([of, textContent]) => {
          return { dataset: { of }, textContent, remove: () => blocks.delete(of) };
        }),
    },
    localStorage: { getItem: () => key },
    setTimeout: () => 0,
    fetch: (url: string, init: RequestInit) => {
      headers.push(init.headers);
      urls.push(url);
      return Promise.resolve(Response.json(opened));
    },
  });
  const asked = window.askedEarly ?? new Map<unknown, never>();
  return { asked, opening: window.opening, shown: window.shown, headers, urls };
}

/** A log that takes what was asked for early, and the addresses it still asked for. */
function logsOf(asked: Asked) {
  const others: string[] = [];
  const fetcher = withEarly((input) => {
    others.push(input as string);
    return Promise.resolve(Response.json(EMPTY));
  }, asked);
  const api = new ApiClient('', 'http://here', fetcher);
  return { others, api, logs: new TaskLogs(api, 'a b') };
}

const costsOf = (api: ApiClient, groups: readonly string[]): Promise<unknown[]> =>
  Promise.all([
    ...groups.map((by) => readCosts(api, { by })),
    readBudgets(api, AbortSignal.timeout(9_000)),
  ]);

describe('what the page asks for by itself', () => {
  it('is what a log asks for first, and is taken once', async () => {
    const { asked, urls } = early('/t/a%20b/log#L601');
    const { others, api, logs } = logsOf(asked);
    await logs.newest(200, {});
    await logs.list({ after_seq: 600, limit: 200 }, {});
    await logs.text({ after_seq: 600, limit: 1, preview: 65_536 }, {});
    const task = await readTask(api, 'a b');
    const stages = await readStages(api, 'a b', AbortSignal.timeout(9_000));
    const before = others.length;
    await logs.newest(200, {});

    expect([before, others.length, urls.length]).toEqual([0, 1, 3]);
    expect([task, stages]).toEqual([OPENED.task, OPENED.stages]);
  });

  it('is not asked for where the page came with it, and is kept no longer', async () => {
    const address = '/api/tasks/a%20b/open?tail=200&preview=8192';
    const blocks = new Map([[address, JSON.stringify({ ...OPENED, logs: [{ seq: 7 }] })]]);
    const { asked, urls } = early('/t/a%20b/log', null, EMPTY, blocks);

    const page = await logsOf(asked).logs.newest(200, {});

    expect([page.logs, urls, blocks.size]).toEqual([[{ seq: 7 }], [], 0]);
  });

  it('comes in the order in which it is asked for', async () => {
    const oldestFirst = { logs: [{ seq: 1 }, { seq: 2 }], total_count: 2 };
    const { asked } = early('/t/a%20b/log', null, oldestFirst);

    const page = await logsOf(asked).logs.newest(200, {});

    expect(page.logs.map(({ seq }) => seq)).toEqual([1, 2]);
  });

  it('is what the first rows are drawn of, and the program begins once they are', async () => {
    const { opening, shown } = early('/t/a/log#L601');
    const answers = await Promise.all([opening?.opened, opening?.beside]);
    opening?.drawn();

    expect([opening?.linked, ...answers]).toEqual([601, OPENED, OPENED]);
    await expect(shown).resolves.toBeUndefined();
  });

  it('shows the key where there is one', () => {
    const { headers } = early('/t/a/log', 'secret');

    expect(headers).toEqual([{ accept: 'application/json', authorization: 'Bearer secret' }]);
  });

  it('is nothing elsewhere, nor under a filter', () => {
    const all = ['/?status=active', '/t/a', '/t/a/chat', '/t/a/log?min_level=error#L5'].map(
      (at) => early(at).asked,
    );

    expect(all.map((asked) => [...asked.keys()])).toEqual([[], [], [], []]);
  });

  it.each([
    ['/', async (api: ApiClient) => [await listTasks(api, { limit: 50 })]],
    ['/cost', (api: ApiClient) => costsOf(api, ['day', 'model'])],
    ['/cost?by=day', (api: ApiClient) => costsOf(api, ['day'])],
    [
      '/t/a%20b/timeline?x0=1',
      (api: ApiClient) =>
        Promise.all([
          readTask(api, 'a b'),
          readStages(api, 'a b', AbortSignal.timeout(9_000)),
          readActivity(api, 'a b', FIRST_DEEDS, AbortSignal.timeout(9_000)),
        ]),
    ],
  ])('is what the page at %s begins with', async (address, begin) => {
    const { asked, urls } = early(address);
    const { others, api } = logsOf(asked);
    await begin(api);

    expect(urls).not.toEqual([]);
    expect([others, [...asked.keys()]]).toEqual([[], []]);
  });

  it('is asked for again where it was lost, and is of no use to who went away', async () => {
    const answers = { 'order=desc': null, 'after_seq=0': EMPTY };
    const asked = Object.entries(answers).map(
      ([place, answer]) =>
        [`/api/tasks/a%20b/logs?${place}&limit=200&preview=8192`, Promise.resolve(answer)] as const,
    );
    const { others, logs } = logsOf(new Map(asked));
    await logs.newest(200, {});
    const gone = logs.list({ after_seq: 0, limit: 200 }, {}, AbortSignal.abort());

    await expect(gone).rejects.toThrow(/abort/);
    expect(others).toHaveLength(1);
  });
});
