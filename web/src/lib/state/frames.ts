/** Has something drawn at most once a frame, however often it is asked for. */
export class Frames {
  readonly #draw: () => void;
  #asked: number | null = null;

  constructor(draw: () => void) {
    this.#draw = draw;
  }

  ask(): void {
    this.#asked ??= requestAnimationFrame(() => {
      this.#asked = null;
      this.#draw();
    });
  }

  stop(): void {
    cancelAnimationFrame(this.#asked ?? 0);
    this.#asked = null;
  }
}
