import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiClient } from '$lib/api/client';
import { TaskLogs } from '$lib/api/logs';
import { LogOverview } from './logOverview.svelte';

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('document', { hidden: false });
});
afterEach(() => vi.useRealTimers());

const bucket = (total: number, first_seq: number | null, last_seq: number | null) => ({
  ...{ at: '2026-01-01T00:00:00Z', total, by_level: {}, first_seq, last_seq },
});

/** An overview of a log of 100 entries with these stretches of errors. */
function overviewOf(errors: { total_count: number; buckets: readonly object[] }) {
  const asked: URLSearchParams[] = [];
  const all = { total_count: 100, buckets: [bucket(50, 1, 50), bucket(50, 51, 100)] };
  const api = new ApiClient('', 'http://test', (input) => {
    const { searchParams } = new URL(String(input), 'http://test');
    asked.push(searchParams);
    const answer = searchParams.get('min_level') === 'error' ? errors : all;
    return Promise.resolve(new Response(JSON.stringify(answer)));
  });
  return { overview: new LogOverview(new TaskLogs(api, 't')), asked };
}

const settle = () => vi.advanceTimersByTimeAsync(0);

describe('a log from far', () => {
  it('has a place for each error where they are few', async () => {
    const { overview } = overviewOf({ total_count: 2, buckets: [bucket(2, 1, 51)] });
    overview.open({});
    await settle();

    expect(overview.bars?.buckets).toHaveLength(2);
    expect(overview.errors).toEqual([
      [0, 0],
      [0.5, 0.5],
    ]);
  });

  it('has stretches where they are many, and leaves out empty ones', async () => {
    const buckets = [bucket(900, 1, 51), bucket(0, null, null)];
    const { overview } = overviewOf({ total_count: 900, buckets });
    overview.open({});
    await settle();

    expect(overview.errors).toEqual([[0, 0.5]]);
  });

  it('asks again some time after entries came, once however many', async () => {
    const { overview, asked } = overviewOf({ total_count: 0, buckets: [] });
    overview.open({ q: 'x' });
    await settle();
    for (let times = 0; times < 5; times += 1) overview.grown();
    await vi.advanceTimersByTimeAsync(2_000);
    const before = asked.length;
    await vi.advanceTimersByTimeAsync(2_000);

    expect([before, asked.length]).toEqual([2, 4]);
    expect(asked.every((one) => one.get('q') === 'x')).toBe(true);
  });

  it('asks nothing more once it is closed, nor while nobody looks', async () => {
    const { overview, asked } = overviewOf({ total_count: 0, buckets: [] });
    overview.open({});
    await settle();
    vi.stubGlobal('document', { hidden: true });
    overview.grown();
    await vi.advanceTimersByTimeAsync(60_000);
    overview.close();
    await vi.advanceTimersByTimeAsync(60_000);

    expect(asked).toHaveLength(2);
  });
});
