import { beforeAll, describe, expect, it, vi } from 'vitest';
import { ApiClient } from '$lib/api/client';
import { TaskLogs } from '$lib/api/logs';
import { FindRun } from './findRun.svelte';

beforeAll(() => {
  vi.stubGlobal('requestAnimationFrame', (draw: () => void) => setTimeout(draw));
  vi.stubGlobal('cancelAnimationFrame', clearTimeout);
});

const hit = (seq: number) => ({ type: 'hit', entry: { seq } });
const end = (found: number, isComplete = true) => ({
  ...{ type: 'end', ended: isComplete ? 'complete' : 'time', is_complete: isComplete, found },
  ...{ shown: found, searched_bytes: 50, total_bytes: 100, searched_trails: 1, total_trails: 1 },
});

/** A find over a server that tells these messages, and answers a single question with this seq. */
function findOf(messages: readonly object[], beyond: number | null = null) {
  const asked: URL[] = [];
  const api = new ApiClient('', 'http://test', (input) => {
    const url = new URL(String(input), 'http://test');
    asked.push(url);
    const lines = messages.map((one) => `${JSON.stringify(one)}\n`).join('');
    const logs = beyond === null ? [] : [{ seq: beyond }];
    const isSearch = url.pathname === '/api/search';
    return Promise.resolve(new Response(isSearch ? lines : JSON.stringify({ logs })));
  });
  const find = new FindRun(new TaskLogs(api, 't'));
  return { find, asked, ended: () => vi.waitFor(() => expect(find.isRunning).toBe(false)) };
}

describe('finding a text', () => {
  it('knows how many hold it, and which of them one stands at', async () => {
    const { find, asked, ended } = findOf([hit(30), hit(20), hit(10), end(3)]);
    await find.start('needle', { min_level: 'error' });
    await ended();

    expect([find.found, find.isComplete, find.isRunning]).toEqual([3, true, false]);
    expect(await find.next(15, 1)).toBe(20);
    expect(find.place).toBe(2);
    expect(asked[0]?.searchParams.get('task_id')).toBe('t');
    expect(asked[0]?.searchParams.get('min_level')).toBe('error');
    expect(asked).toHaveLength(1);
  });

  it('has none after the last when all are known, without asking', async () => {
    const { find, asked, ended } = findOf([hit(20), hit(10), end(2)]);
    await find.start('needle', {});
    await ended();

    expect(await find.next(20, 1)).toBeNull();
    expect(await find.next(10, -1)).toBeNull();
    expect(asked).toHaveLength(1);
  });

  it('asks for what lies before the hits that were told', async () => {
    const { find, asked } = findOf([hit(900), end(5_000, false)], 7);
    await find.start('needle', {});

    expect(await find.next(900, -1)).toBe(7);
    expect(asked.at(-1)?.searchParams.get('before_seq')).toBe('900');
    expect(find.place).toBeNull();
  });

  it('says what went wrong, and keeps what was found', async () => {
    const { find, ended } = findOf([
      hit(4),
      { type: 'error', code: 'internal', detail: 'it broke' },
    ]);
    await find.start('needle', {});
    await ended();

    expect([find.problem, find.hits.seqs]).toEqual(['it broke', [4]]);
  });

  it('forgets everything with an empty text', async () => {
    const { find } = findOf([hit(4), end(1)]);
    await find.start('needle', {});
    await find.start('', {});

    expect([find.text, find.found, find.hits.count]).toEqual(['', 0, 0]);
  });
});
