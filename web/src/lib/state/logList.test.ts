import { describe, expect, it, vi } from 'vitest';
import type { SlimEntry } from '$lib/api/entries';
import { SeqWindow } from '$lib/window/seqWindow';
import { LogList, PLACES_AFTER_MS, SCROLL_RESTS_MS } from './logList';

const ROW = 20;

const entry = (seq: number, message = `line ${seq}`): SlimEntry => ({
  ...{ seq, message, timestamp: '2026-02-14T10:00:00Z', level: 'info', source: 'system' },
  ...{ stage: null, event_type: 'task:log', percent: null },
  ...{ aside: '', progressId: null, contentType: null, cutFrom: null },
});

/** A list in a view ten rows high, over entries with these messages. */
function listOf(messages: readonly (string | undefined)[]) {
  const window = new SeqWindow<SlimEntry>();
  window.reset(true);
  window.append(messages.map((message, at) => entry(at + 1, message)));
  const list = new LogList(window);
  list.resized(10 * ROW, ROW, '');
  const needed: [number, number][] = [];
  const frame = (isFollowing = false) =>
    list.frame(isFollowing, (first, end) => needed.push([first, end]));
  return { window, list, frame, needed };
}

const lines = (count: number): undefined[] => Array.from({ length: count }, () => undefined);
const seqs = (rows: readonly { entry: SlimEntry | null }[]) => rows.map((row) => row.entry?.seq);

describe('the list of the log', () => {
  it('draws the end while it follows, and asks for what it draws', () => {
    const { frame, needed } = listOf(lines(150));
    const { rows, firstSeq, inView } = frame(true);

    expect(rows.at(-1)?.entry?.seq).toBe(150);
    expect([firstSeq, inView[1]]).toEqual([141, 1]);
    expect(needed.at(-1)).toEqual([rows[0]?.rank, 150]);
  });

  it('hands on the rows that say the same as before, so that nobody draws them anew', () => {
    const { list, window, frame } = listOf(lines(150));
    const before = frame(true).rows;
    window.append([entry(151), entry(152)]);
    const after = frame(true).rows;
    list.forgetHeights();

    expect(after.filter((row) => !before.includes(row)).map(({ rank }) => rank)).toEqual([
      150, 151,
    ]);
    expect(frame(true).rows.some((row) => after.includes(row))).toBe(false);
  });

  it('draws what is in sight first after a jump into what nobody fetched yet', () => {
    const { list, window, frame, needed } = listOf([]);
    window.setTail([entry(100_000)], 100_000);
    list.goTo(50_000, 'start');
    frame();

    expect(needed.at(-1)).toEqual([50_000, 50_011]);
  });

  it('keeps a row that was gone to in its place while it grows and the view loses room above', () => {
    const { list, frame } = listOf(lines(1_000));
    list.goTo(500, 'reading');
    const belowOfRow = (height: number): number => {
      list.resized(height, ROW, '');
      frame();
      return height - (500 * ROW - (frame().scrollTop ?? NaN));
    };
    const before = belowOfRow(10 * ROW);
    list.measured([[500, 15 * ROW]]);

    expect(before).toBe(7.5 * ROW);
    expect([belowOfRow(10 * ROW), belowOfRow(8 * ROW)]).toEqual([before, before]);
  });

  it('gives folded rows no room also where a link is opened before anything is drawn', () => {
    const { list, frame } = listOf([...lines(5), ...Array<string>(100).fill('same'), ...lines(60)]);
    list.reveal(2);
    list.goTo(2, 'start');
    const { rows, height } = frame();

    expect(height).toBe((5 + 1 + 60) * ROW);
    expect(seqs(rows).slice(3, 7)).toEqual([6, 106, 107, 108]);
  });

  it('waits a moment for a place that is being fetched before it draws places', () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const { list, window, frame } = listOf([]);
    window.setTail([entry(100_000)], 100_000);
    const before = frame(true).rows;
    list.goTo(50_000, 'start');
    const waiting = frame();
    vi.advanceTimersByTime(PLACES_AFTER_MS);
    const places = frame();
    window.fill(250, { after_seq: 50_000 }, [entry(50_001)]);
    vi.useRealTimers();

    expect([waiting.isAway, waiting.rows === before]).toEqual([true, true]);
    expect([places.isAway, seqs(places.rows).some((seq) => seq)]).toEqual([false, false]);
    expect(seqs(frame().rows)).toContain(50_001);
  });

  it('shows what came to a place that it waits for in the rows that are there', () => {
    const { list, window, frame } = listOf(lines(150));
    window.setTail([entry(100_000)], 100_000);
    const keys = frame().rows.map(({ key }) => key);
    list.goTo(50_000, 'start');
    list.frame(false, () => undefined, true);
    window.fill(250, { after_seq: 50_000 }, [entry(50_001)]);
    const { rows } = list.frame(false, () => undefined, true);

    expect(seqs(rows)).toContain(50_001);
    expect(rows.map(({ key }) => key)).toEqual(keys.slice(0, rows.length));
  });

  it('keeps its place while entries come', () => {
    const { list, window, frame } = listOf(lines(150));
    list.goTo(70, 'start');
    const before = frame().firstSeq;
    list.release();
    window.append([entry(151), entry(152)]);

    expect([before, frame().firstSeq]).toEqual([71, 71]);
  });

  it('moves by no part of a pixel while entries come to a very long list', () => {
    const { list, window, frame } = listOf([]);
    window.setTail([entry(900_000)], 900_000);
    const page = Array.from({ length: 200 }, (_, at) => entry(800_001 + at));
    window.fill(4_000, { after_seq: 800_000 }, page);
    frame();
    list.goTo(800_001, 'start');
    let scrolled = 0; // as browsers do: whole pixels, and few bits for far places
    const yOfLayer = (): number => {
      const { scrollTop, layerTop } = frame();
      const step = (scrollTop ?? scrolled) < 2 ** 23 ? 1 : 2;
      scrolled = step * Math.floor((scrollTop ?? scrolled) / step);
      list.synced(scrolled);
      return Math.fround(layerTop) - scrolled;
    };
    const before = yOfLayer();
    list.release();
    const places = [1, 2, 3, 50, 600].map((more) => {
      window.append([entry(window.lastSeq + more)]);
      return yOfLayer();
    });

    expect(new Set([before, ...places]).size).toBe(1);
  });

  it('keeps its place while rows above turn out higher', () => {
    const { list, frame } = listOf(lines(150));
    list.goTo(70, 'start');
    frame();
    list.release();
    list.measured([
      [60, 300],
      [61, 90],
    ]);

    expect(frame().firstSeq).toBe(71);
  });

  it('draws nothing anew for heights below the first row in sight while a hand scrolls', () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const { list, frame } = listOf(lines(150));
    frame();
    list.scrolled(50 * ROW, 10 * ROW);
    const whileScrolling = [list.measured([[55, 90]]), list.measured([[40, 90]])];
    vi.advanceTimersByTime(SCROLL_RESTS_MS);
    const atRest = list.measured([[56, 90]]);
    vi.useRealTimers();

    expect([...whileScrolling, atRest]).toEqual([false, true, true]);
  });

  it('shows one row for entries that say the same, with the last of them', () => {
    const { frame, list } = listOf(['a', 'b', 'b', 'b', 'c']);
    const rows = frame().rows;

    expect(seqs(rows)).toEqual([1, 2, 5]);
    expect(rows.map(({ times, last }) => [times, last?.seq ?? null])).toEqual([
      [1, null],
      [3, 4],
      [1, null],
    ]);
    expect(frame().height).toBe(3 * ROW);
    list.toggleFold(1);
    expect(seqs(frame().rows)).toEqual([1, 2, 3, 4, 5]);
  });

  it('steps over folded rows, and shows the one that is looked for', () => {
    const { frame, list } = listOf(['a', 'b', 'b', 'b', 'c', 'c']);
    frame();

    expect([list.stepFrom(1, 1), list.stepFrom(4, -1), list.stepFrom(4, 1)]).toEqual([4, 1, 4]);
    list.reveal(2);
    expect(seqs(frame().rows)).toEqual([1, 2, 3, 4, 5]);
  });

  it('gives each entry a row where that is wished', () => {
    const { frame, list } = listOf(['a', 'a', 'a']);
    frame();

    expect([list.fold(false), list.fold(false)]).toEqual([true, false]);
    expect(seqs(frame().rows)).toEqual([1, 2, 3]);
  });

  it('lays rows out anew when their look changes, folded ones stay folded', () => {
    const { frame, list } = listOf(['a', 'a', 'b']);
    const before = frame().rows[0]?.key;
    list.resized(10 * ROW, 2 * ROW, 'other');

    expect(frame().height).toBe(2 * 2 * ROW);
    expect(frame().rows[0]?.key).not.toBe(before);
  });

  it('says whether a scroll was the reader’s, and whether it reached the end', () => {
    const { frame, list } = listOf(lines(100));
    frame(true);
    list.synced(100 * ROW - 10 * ROW);

    expect(list.scrolled(100 * ROW - 10 * ROW, 10 * ROW)).toBeNull();
    expect(list.scrolled(1_000, 10 * ROW)?.isAtEnd).toBe(false);
    expect(list.scrolled(100 * ROW - 10 * ROW, 10 * ROW)?.isAtEnd).toBe(true);
  });
});
