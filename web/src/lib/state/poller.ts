/** Runs a task again and again while the page can be seen, never twice at once. */
const SLOWEST_MS = 15_000;
const REST = 4; // a server that took a second is left alone for four

export class Poller {
  #run: () => Promise<boolean>;
  #everyMs: () => number;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #asked = 0; // since the present run began, that one included
  #isStopped = true;
  #failures = 0;

  /** `run` says whether it went well; after failures, and after slow answers, the pauses grow. */
  constructor(run: () => Promise<boolean>, everyMs: () => number) {
    this.#run = run;
    this.#everyMs = everyMs;
  }

  start(): void {
    this.#isStopped = false;
    document.addEventListener('visibilitychange', this.#onVisibility);
    void this.now();
  }

  stop(): void {
    this.#isStopped = true;
    document.removeEventListener('visibilitychange', this.#onVisibility);
    this.#clear();
  }

  /** Runs at once, or as soon as the present run is over. */
  async now(): Promise<void> {
    this.#clear();
    if (this.#isStopped || this.#asked++ > 0) return;
    const began = performance.now();
    this.#failures = (await this.#run()) ? 0 : this.#failures + 1;
    const isAskedAgain = this.#asked > 1;
    this.#asked = 0;
    if (this.#isStopped || document.hidden) return;
    const least = Math.max(this.#everyMs(), REST * (performance.now() - began));
    const pause = Math.min(SLOWEST_MS, least * 2 ** Math.min(this.#failures, 4));
    this.#timer = setTimeout(() => void this.now(), isAskedAgain ? 0 : pause);
  }

  #onVisibility = (): void => {
    if (document.hidden) this.#clear();
    else void this.now();
  };

  #clear(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
