import { describe, expect, it } from 'vitest';
import { ApiClient } from '$lib/api/client';
import type { FollowEnvironment, SocketLike } from '$lib/api/follow';
import { TaskLogs } from '$lib/api/logs';
import type { LogFilters } from '$lib/api/types';
import type { TailEvent } from '$lib/window/tailMachine';
import { LogFeed, type FeedListener } from './logFeed';

const entry = (seq: number, level = 'info') => ({
  ...{ seq, level, message: 'm', event_type: 'task:log' },
});

/** A feed of five entries that follows, its last socket and what it told. */
async function following(filters: LogFilters = {}) {
  const sockets: SocketLike[] = [];
  const urls: string[] = [];
  const environment: FollowEnvironment = {
    open: (url) => {
      urls.push(url);
      sockets.push({ onmessage: null, onclose: null, close: () => undefined });
      return sockets.at(-1) as SocketLike;
    },
    later: (run) => {
      run();
      return () => undefined;
    },
    random: () => 0.5,
  };
  const page = { logs: [5, 4, 3, 2, 1].map((seq) => entry(seq)), total_count: 5 };
  const api = new ApiClient('', 'http://here', () => Promise.resolve(Response.json(page)));
  const told: TailEvent[] = [];
  const quiet = (): void => undefined;
  const listener: FeedListener = {
    ...{ opened: quiet, changed: quiet, filled: quiet, counted: quiet, problem: quiet },
    ...{ refused: quiet, missing: quiet, tail: (event: TailEvent) => void told.push(event) },
  };
  const feed = new LogFeed(new TaskLogs(api, 'a/b'), listener, environment);
  await feed.open(filters);
  await expect.poll(() => sockets.length).toBe(1);
  const send = (message: object): void => {
    sockets.at(-1)?.onmessage?.({ data: JSON.stringify(message) } as MessageEvent);
  };
  const cut = (): void => sockets.at(-1)?.onclose?.({ code: 1006 } as CloseEvent);
  return { feed, send, cut, urls, arrived: () => told.filter((one) => one.type === 'arrived') };
}

describe('what comes live to a log', () => {
  it('is bounded to the newest, unless a filter makes ranks unknown', async () => {
    const [all, some] = [await following(), await following({ min_level: 'error' })];

    expect(all.urls[0]).toMatch(/\/ws\/logs\/a%2Fb\?max_behind=3000&after_seq=5$/);
    expect(some.urls[0]).toMatch(/\/ws\/logs\/a%2Fb\?min_level=error&after_seq=5$/);
  });

  it('counts what was passed over, errors too, and goes on behind it', async () => {
    const { feed, send, cut, urls, arrived } = await following();
    send({ type: 'hello', head: 5 });
    send({ type: 'head', head: 5, counts: { by_level: { info: 4, error: 1 } } });
    send({ type: 'batch', logs: [entry(6), entry(7, 'error')] });
    send({ type: 'lag', from: 8, to: 9_000, skipped: 8_993 });
    send({ type: 'batch', logs: [entry(9_001, 'warning')] });
    const counts = { by_level: { info: 8_900, error: 52, critical: 1, warning: 48 } };
    send({ type: 'head', head: 9_001, counts });
    send({ type: 'head', head: 9_001, counts });
    cut();

    expect(arrived().map(({ count }) => count)).toEqual([2, 8_993, 1, 0]);
    expect(arrived().at(-1)).toMatchObject({ errors: 51, warnings: 47 });
    expect([feed.window.count, feed.window.at(100), feed.window.at(9_000)?.seq]).toEqual([
      9_001,
      undefined,
      9_001,
    ]);
    expect(urls.at(-1)).toMatch(/after_seq=9001$/);
  });

  it('tells nothing of errors where nothing was passed over', async () => {
    const { send, arrived } = await following();
    send({ type: 'head', head: 5, counts: { by_level: { info: 5 } } });
    send({ type: 'lag', from: 1, to: 5, skipped: 5 });
    send({ type: 'head', head: 5, counts: { by_level: { info: 4, error: 1 } } });

    expect(arrived()).toEqual([]);
  });
});
