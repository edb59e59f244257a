import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SeqWindow, type PageRequest } from '$lib/window/seqWindow';
import { PageLoader } from './pageLoader';

interface Entry {
  readonly seq: number;
}

const RESTED_MS = 150;

/** A loader over ten thousand entries in pages of 200, and what it asked for: from where, how many. */
function loaderOf() {
  const window = new SeqWindow<Entry>();
  window.reset(true);
  window.setTail([{ seq: 10_000 }], 10_000);
  const asked: string[] = [];
  const calledOff: string[] = [];
  const waiting: (() => void)[] = [];
  let isEmpty = false;

  function fetch(
    request: PageRequest,
    limit: number,
    signal: AbortSignal,
  ): Promise<readonly Entry[]> {
    const after = 'after_seq' in request ? request.after_seq : 0;
    asked.push(`${after}+${limit}`);
    signal.addEventListener('abort', () => calledOff.push(`${after}+${limit}`));
    const entries = Array.from({ length: isEmpty ? 0 : limit }, (_, at) => ({
      seq: after + at + 1,
    }));
    return new Promise((resolve) => waiting.push(() => resolve(entries)));
  }

  const loader = new PageLoader(window, fetch, {
    loaded: () => undefined,
    problem: () => undefined,
  });
  const answer = async (): Promise<void> => {
    for (const one of waiting.splice(0)) one();
    await vi.advanceTimersByTimeAsync(0);
  };
  return { loader, asked, calledOff, answer, empty: () => (isEmpty = true) };
}

describe('the loader of pages', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('looks at what is in sight after a jump, and asks for pages once the view rests', async () => {
    const { loader, asked, answer } = loaderOf();
    loader.need(5_100, 5_106);
    await answer();
    loader.need(5_100, 5_106);
    const before = [...asked];
    await vi.advanceTimersByTimeAsync(RESTED_MS);

    expect(before).toEqual(['5080+46']);
    expect(asked.slice(1)).toEqual(['5000+200', '5200+200', '4800+200']);
  });

  it('looks with one question where what is in sight lies in two pages', () => {
    const { loader, asked } = loaderOf();
    loader.need(5_197, 5_203);

    expect(asked).toEqual(['5177+46']);
  });

  it('asks for no pages of a place that was left before the view rested', async () => {
    const { loader, asked, answer } = loaderOf();
    loader.need(5_100, 5_106);
    await answer();
    loader.need(5_100, 5_106);
    loader.need(3_100, 3_106);
    await vi.advanceTimersByTimeAsync(RESTED_MS);

    expect(asked).toEqual(['5080+46', '3080+46']);
  });

  it('asks for the rest of a page as soon as the view moves, for the next one near its end', async () => {
    const { loader, asked, calledOff, answer } = loaderOf();
    loader.need(5_100, 5_106);
    await answer();
    for (const first of [5_100, 5_101, 5_102]) loader.need(first, first + 6);
    await answer();
    for (const first of [5_140, 5_145, 5_150]) loader.need(first, first + 6);
    await answer();

    expect([asked, calledOff]).toEqual([['5080+46', '5000+200', '5200+200'], []]);
  });

  it('keeps the pages coming when the rows are drawn again meanwhile', async () => {
    const { loader, asked, calledOff, answer } = loaderOf();
    loader.need(5_100, 5_106);
    await answer();
    loader.need(5_100, 5_106);
    await vi.advanceTimersByTimeAsync(RESTED_MS);
    loader.need(5_100, 5_106);
    await vi.advanceTimersByTimeAsync(RESTED_MS);

    expect([asked.length, calledOff]).toEqual([4, []]);
  });

  it('calls off what is far from where the view is now', () => {
    const { loader, asked, calledOff } = loaderOf();
    loader.need(5_100, 5_106);
    loader.need(3_100, 3_106);

    expect([asked, calledOff]).toEqual([['5080+46', '3080+46'], ['5080+46']]);
  });

  it('asks for the page where a look finds nothing', async () => {
    const { loader, asked, answer, empty } = loaderOf();
    empty();
    loader.need(5_100, 5_106);
    await answer();
    loader.need(5_100, 5_106);

    expect(asked).toEqual(['5080+46', '5000+200']);
  });
});
