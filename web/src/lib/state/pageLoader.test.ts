import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SeqWindow, type PageRequest } from '$lib/window/seqWindow';
import { PageLoader } from './pageLoader';

interface Entry {
  readonly seq: number;
}

const RESTED_MS = 150;

/** A loader over a thousand entries in pages of ten, and the pages it asked for. */
function loaderOf() {
  const window = new SeqWindow<Entry>(10);
  window.reset(true);
  window.setTail([{ seq: 1_000 }], 1_000);
  const asked: number[] = [];
  const calledOff: number[] = [];
  const waiting: (() => void)[] = [];

  function fetch(request: PageRequest, signal: AbortSignal): Promise<readonly Entry[]> {
    const after = 'after_seq' in request ? request.after_seq : 0;
    asked.push(after / 10);
    signal.addEventListener('abort', () => calledOff.push(after / 10));
    const entries = Array.from({ length: 10 }, (_, at) => ({ seq: after + at + 1 }));
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
  return { loader, asked, calledOff, answer };
}

describe('the loader of pages', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('asks for one page after a jump into it, and for its neighbours once the view rests', async () => {
    const { loader, asked, answer } = loaderOf();
    loader.need(502, 508);
    await answer();
    loader.need(502, 508);
    const before = [...asked];
    await vi.advanceTimersByTimeAsync(RESTED_MS);

    expect([before, asked]).toEqual([[50], [50, 51, 49]]);
  });

  it('asks for no neighbours of a place that was left before the view rested', async () => {
    const { loader, asked, answer } = loaderOf();
    loader.need(502, 508);
    await answer();
    loader.need(502, 508);
    loader.need(302, 308);
    await vi.advanceTimersByTimeAsync(RESTED_MS);

    expect(asked).toEqual([50, 30]);
  });

  it('asks for the next page while the view moves towards it, once', async () => {
    const { loader, asked, calledOff, answer } = loaderOf();
    loader.need(500, 506);
    await answer();
    for (let first = 500; first < 504; first += 1) loader.need(first, first + 6);
    await answer();

    expect([asked, calledOff]).toEqual([[50, 51], []]);
  });

  it('keeps the neighbours coming when the rows are drawn again meanwhile', async () => {
    const { loader, asked, calledOff, answer } = loaderOf();
    loader.need(502, 508);
    await answer();
    loader.need(502, 508);
    await vi.advanceTimersByTimeAsync(RESTED_MS);
    loader.need(502, 508);
    await vi.advanceTimersByTimeAsync(RESTED_MS);

    expect([asked, calledOff]).toEqual([[50, 51, 49], []]);
  });

  it('calls off what is far from where the view is now', () => {
    const { loader, asked, calledOff } = loaderOf();
    loader.need(502, 508);
    loader.need(302, 308);

    expect([asked, calledOff]).toEqual([[50, 30], [50]]);
  });
});
