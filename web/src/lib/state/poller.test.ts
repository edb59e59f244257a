import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Poller } from './poller';

vi.stubGlobal('document', Object.assign(new EventTarget(), { hidden: false }));
beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** How often a task that takes so long runs within a minute. */
async function runsInAMinute(tookMs: number, isWell = true): Promise<number> {
  let runs = 0;
  const poller = new Poller(
    async () => {
      runs += 1;
      await new Promise((done) => setTimeout(done, tookMs));
      return isWell;
    },
    () => 1_000,
  );
  poller.start();
  await vi.advanceTimersByTimeAsync(60_000);
  poller.stop();
  return runs;
}

it('runs again after its pause', async () => {
  expect(await runsInAMinute(0)).toBeGreaterThan(50);
});

it('leaves a server that answers slowly alone for longer', async () => {
  expect(await runsInAMinute(2_000)).toBeLessThan(8); // by the pause alone it were twenty
});

it('comes back ever more seldom while it fails', async () => {
  expect(await runsInAMinute(0, false)).toBeLessThan(10);
});

it('asks what was asked while it ran as soon as that is over, and once', async () => {
  let runs = 0;
  const poller = new Poller(
    async () => {
      runs += 1;
      await new Promise((done) => setTimeout(done, 100));
      return true;
    },
    () => 10_000,
  );
  poller.start();
  poller.stop();
  poller.start(); // another question, while the first is being answered
  void poller.now();
  await vi.advanceTimersByTimeAsync(101);
  expect(runs).toBe(2);
  await vi.advanceTimersByTimeAsync(5_000);
  poller.stop();
  expect(runs).toBe(2);
});
