/** Filters that a person gave names, kept in this browser; the newest first. */
export type Filter = Readonly<Record<string, string>>;

export interface Saved {
  readonly name: string;
  readonly filter: Filter;
}

type Store = Pick<Storage, 'getItem' | 'setItem'>;

export class SavedFilters {
  all = $state.raw<readonly Saved[]>([]);
  readonly #key: string;
  readonly #store: () => Store;

  /** `place` says which filters these are: those of the tasks are none for a log. */
  constructor(place: 'tasks' | 'log', store: () => Store = () => localStorage) {
    this.#key = `tasktrail.saved.${place}`;
    this.#store = store;
    this.all = this.#read();
  }

  /** Keeps the filter under the name, in place of one that had it. */
  save(name: string, filter: Filter): void {
    this.#write([{ name, filter }, ...this.#others(name)]);
  }

  remove(name: string): void {
    this.#write(this.#others(name));
  }

  /** Another tab may have saved some since; they stay. */
  #others(name: string): readonly Saved[] {
    const stored = this.#read();
    return (stored.length > 0 ? stored : this.all).filter((one) => one.name !== name);
  }

  #read(): readonly Saved[] {
    try {
      const stored = JSON.parse(this.#store().getItem(this.#key) ?? '[]') as unknown;
      return Array.isArray(stored) ? stored.filter(isSaved) : [];
    } catch {
      return [];
    }
  }

  #write(all: readonly Saved[]): void {
    this.all = all;
    try {
      this.#store().setItem(this.#key, JSON.stringify(all));
    } catch {
      // Storage is closed to us: they are kept until the page is left.
    }
  }
}

function isSaved(one: unknown): one is Saved {
  if (typeof one !== 'object' || one === null) return false;
  const { name, filter } = one as Partial<Saved>;
  if (typeof name !== 'string' || typeof filter !== 'object' || filter === null) return false;
  return Object.values(filter).every((value) => typeof value === 'string');
}
