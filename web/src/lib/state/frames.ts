/** Has something drawn at most once a frame, however often it is asked for. */
export class Frames {
  readonly #draw: () => void;
  #asked: number | null = null;
  readonly #timers = new Map<number, ReturnType<typeof setTimeout>>(); // by their delay

  constructor(draw: () => void) {
    this.#draw = draw;
  }

  ask(): void {
    this.#asked ??= requestAnimationFrame(() => {
      this.#asked = null;
      this.#draw();
    });
  }

  /** Has it drawn so much later; asked again, the same delay begins anew. */
  after(delayMs: number): void {
    clearTimeout(this.#timers.get(delayMs));
    this.#timers.set(delayMs, setTimeout(this.#draw, delayMs));
  }

  stop(): void {
    cancelAnimationFrame(this.#asked ?? 0);
    this.#asked = null;
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }
}
