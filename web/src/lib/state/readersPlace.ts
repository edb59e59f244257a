/**
 * Where in a log somebody reads, for another filter to go on at.
 *
 * That is the first entry in view; but while nobody moves, the one that the log was opened at: of a
 * filter that few match all are in view, and without it the reader is where he was.
 */
export class ReadersPlace {
  #seq: number | null = null;
  #first: number | null = null;

  /** The log was opened at `seq`, and this is the first entry in view there. */
  opened(seq: number, first: number | null): void {
    [this.#seq, this.#first] = [seq, first];
  }

  at(first: number | null): number | null {
    return first === this.#first ? (this.#seq ?? first) : first;
  }
}
