import { formatCount } from '$lib/format/bytes';

/** How fast entries come, and a spoken summary at most every five seconds. */
const EVERY_MS = 1_000;
const SPAN = 5; // seconds the rate is taken over, and between announcements

export class Pulse {
  rate = $state(0);
  announcement = $state('');

  #received: () => number;
  #errors: () => number;
  #samples: number[] = [];
  #spoken = 0;
  #ticks = 0;

  constructor(received: () => number, errors: () => number) {
    this.#received = received;
    this.#errors = errors;
  }

  /** Starts counting; returns how to stop. */
  start(): () => void {
    const timer = setInterval(() => this.#tick(), EVERY_MS);
    return () => clearInterval(timer);
  }

  #tick(): void {
    const received = this.#received();
    this.#samples = [...this.#samples, received].slice(-SPAN - 1);
    const first = this.#samples[0] ?? received;
    this.rate = (received - first) / Math.max(1, this.#samples.length - 1);
    this.#ticks += 1;
    if (this.#ticks % SPAN !== 0 || received === this.#spoken) return;
    const errors = this.#errors();
    const words = `${formatCount(received - this.#spoken)} new entries`;
    this.announcement = errors > 0 ? `${words}, ${formatCount(errors)} errors not seen` : words;
    this.#spoken = received;
  }
}
