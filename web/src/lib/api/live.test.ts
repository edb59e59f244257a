import { describe, expect, it } from 'vitest';
import { ApiClient } from './client';
import { LiveEntries } from './live';

/** A feed over sockets that the test holds, and the addresses they were opened at. */
function stage() {
  const urls: string[] = [];
  const sockets: { onmessage: unknown; onclose: unknown; close(): void }[] = [];
  const waiting: (() => void)[] = [];
  const seen: string[] = [];
  const environment = {
    open: (url: string) => {
      urls.push(url);
      const socket = { onmessage: null, onclose: null, close: () => undefined };
      sockets.push(socket);
      return socket;
    },
    later: (run: () => void) => {
      waiting.push(run);
      return () => undefined;
    },
    random: () => 0,
  };
  const live = new LiveEntries(
    new ApiClient('', 'http://here', fetch),
    'level>=error',
    environment,
    {
      onMessage: (message) => seen.push(message.type),
      onConnected: () => seen.push('up'),
      onDisconnected: () => seen.push('down'),
      onUnknownTask: () => undefined,
      onStanding: () => seen.push('standing'),
    },
  );
  const last = () => sockets.at(-1) as unknown as Record<string, (event: unknown) => void>;
  const say = (message: unknown): void => last().onmessage?.({ data: JSON.stringify(message) });
  const lose = (): void => last().onclose?.({ code: 1006 });
  return { live, urls, seen, say, lose, waiting };
}

describe('LiveEntries', () => {
  it('goes on where the server said it was', () => {
    const { live, urls, say, lose, waiting } = stage();
    live.start();
    say({ type: 'hello', cursor: 'A' });
    say({ type: 'batch', logs: [], cursor: 'B' });
    lose();
    waiting[0]?.();

    expect(urls[0]).toBe('ws://here/ws/logs?q=level%3E%3Derror&max_rate=500');
    expect(urls[1]).toBe('ws://here/ws/logs?q=level%3E%3Derror&cursor=B&max_rate=500');
  });

  it('says when the connection is there and when it is gone', () => {
    const { live, seen, say, lose } = stage();
    live.start();
    say({ type: 'hello', cursor: 'A' });
    lose();

    expect(seen).toEqual(['up', 'hello', 'standing', 'down']);
  });

  it('lets what is older be read once its place is known, and only then', () => {
    const { live, seen, say, lose, waiting } = stage();
    live.start();
    lose(); // before the server said where live begins
    waiting[0]?.();
    say({ type: 'hello', cursor: 'A' });
    lose();
    waiting[1]?.();
    say({ type: 'hello', cursor: 'B' });

    expect(seen).toEqual(['down', 'up', 'hello', 'standing', 'down', 'up', 'hello']);
  });
});

describe('what was recorded lately', () => {
  interface Row {
    task_id: string;
    seq: number;
    recorded_at: string;
  }
  const row = (task_id: string, seq: number, minute: number): Row => ({
    ...{ task_id, seq, recorded_at: `2026-01-01T00:${String(minute).padStart(2, '0')}:00Z` },
  });

  /** The newest of a server with these entries, what is left, and the tasks that were asked. */
  async function lately(rows: readonly Row[], most: number) {
    const asked: string[] = [];
    const newest = (task: string): Row[] =>
      rows.filter(({ task_id }) => task_id === task).toReversed();
    const answer = (url: URL): Response => {
      const task = /tasks\/(.*)\/logs/.exec(url.pathname)?.[1];
      if (task === undefined) {
        const told = [...new Set(rows.map(({ task_id }) => task_id))].map((task_id) => {
          const own = newest(task_id);
          return JSON.stringify({ type: 'task', task_id, hits: own.length, latest: own[0] });
        });
        return new Response(`${told.join('\n')}\n`);
      }
      asked.push(task);
      return Response.json({ logs: newest(task).slice(0, most) });
    };
    const fetcher = ((url: string) =>
      Promise.resolve(answer(new URL(url, 'http://here')))) as typeof fetch;
    const live = new LiveEntries(
      new ApiClient('', 'http://here', fetcher),
      '',
      {} as never,
      {} as never,
    );
    const found = await live.lately(15, most, new AbortController().signal);
    const names = found.entries.map(({ task_id: task, seq }) => `${task ?? ''}${seq}`);
    return { names, left: found.left, asked };
  }

  it('stands in the order recorded, over all tasks, and of one request in its order', async () => {
    const rows = [row('a', 1, 1), row('a', 2, 1), row('b', 1, 2), row('a', 3, 3), row('a', 4, 3)];

    expect(await lately(rows, 4)).toEqual({
      ...{ names: ['a2', 'b1', 'a3', 'a4'], left: 1 },
      asked: ['a'], // of the other the newest is all there is
    });
  });

  it('asks no task that cannot have any of the newest', async () => {
    const rows = 'abcdefg'
      .split('')
      .flatMap((task, at) => [row(task, 1, 50 - 2 * at), row(task, 2, 51 - 2 * at)]);
    const { names, asked, left } = await lately(rows, 3);

    expect(names).toEqual(['b2', 'a1', 'a2']);
    expect(asked).toEqual(['a', 'b', 'c', 'd']);
    expect(left).toBe(11);
  });
});
