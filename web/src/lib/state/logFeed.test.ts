import { describe, expect, it } from 'vitest';
import { ApiClient } from '$lib/api/client';
import type { FollowEnvironment } from '$lib/api/follow';
import { TaskLogs } from '$lib/api/logs';
import { LogFeed, type FeedListener } from './logFeed';

const TOTAL = 100_000;
const NOWHERE: FollowEnvironment = {
  open: () => ({ onmessage: null, onclose: null, close: () => undefined }),
  later: () => () => undefined,
  random: () => 0.5,
};

/** Entries as the server would answer, in the order that is asked for. */
function answerTo(url: string): unknown {
  const asked = new URL(url, 'http://here').searchParams;
  const limit = Number(asked.get('limit'));
  const first = Number(asked.get('after_seq') ?? TOTAL - limit) + 1;
  const seqs = Array.from({ length: Math.min(limit, TOTAL - first + 1) }, (_, at) => first + at);
  if (asked.get('order') === 'desc') seqs.reverse();
  const logs = seqs.map((seq) => ({ seq, message: `line ${seq}`, event_type: 'task:log' }));
  return { total_count: asked.get('to_seq') ? 41 : TOTAL, logs, next_cursor: null };
}

/** A feed over that server, what it asked for, and the ranks that it opened at. */
function feedOf() {
  const asked: string[] = [];
  const fetcher = (input: unknown): Promise<Response> => {
    asked.push(String(input).replace(/.*\?|&preview=\d+/g, ''));
    return Promise.resolve(Response.json(answerTo(String(input))));
  };
  const ranks: (number | undefined)[] = [];
  const quiet = (): void => undefined;
  const listener: FeedListener = {
    ...{
      opened: (place) => void ranks.push(place?.rank),
      changed: quiet,
      filled: quiet,
      tail: quiet,
      counted: quiet,
    },
    ...{ problem: quiet, refused: quiet, missing: quiet },
  };
  const logs = new TaskLogs(new ApiClient('', 'http://here', fetcher), 'a');
  return { asked, ranks, feed: new LogFeed(logs, listener, NOWHERE) };
}

describe('the feed of a log', () => {
  it('opens with one question, and places an entry by the page that shows it', async () => {
    const { asked, feed } = feedOf();
    await feed.open({});
    const found = await feed.place(50_123);

    expect(found).toEqual({ rank: 50_122, isShown: true });
    expect(asked).toEqual(['order=desc&limit=200', 'after_seq=50000&limit=200']);
  });

  it('says where the place stands at which somebody reads, also under another filter', async () => {
    const { asked, feed, ranks } = feedOf();
    await feed.open({}, 50_123);
    await feed.open({ level: 'error' }, 50_123);
    await feed.open({});

    expect(ranks).toEqual([50_122, 41, undefined]);
    expect(asked[1]).toBe('level=error&order=desc&limit=200');
    expect(asked[2]).toContain('to_seq=50122');
  });

  it('asks nothing to place an entry that it holds', async () => {
    const { asked, feed } = feedOf();
    await feed.open({});
    await feed.place(TOTAL);

    expect(asked).toHaveLength(1);
  });

  it('asks the server where an entry stands under a filter', async () => {
    const { feed } = feedOf();
    await feed.open({ min_level: 'error' });

    expect(await feed.place(500)).toEqual({ rank: 41, isShown: true });
  });

  it('takes no answer for a filter that was left meanwhile', async () => {
    const { asked, feed } = feedOf();
    await Promise.all([feed.open({ min_level: 'error' }), feed.open({})]);

    expect([asked.length, feed.isFiltered]).toEqual([2, false]);
  });
});
