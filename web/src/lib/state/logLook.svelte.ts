import type { UrlFilters } from './filters.svelte';
import type { Choices } from './choices';
import type { Preferences } from './preferences.svelte';

/**
 * How the log is shown: as the address says, else as this browser's person likes it. A switch sets
 * both, so that a link shows others the same, and the next log looks like this one.
 */
export const LOOKS = ['wrap', 'fold', 't', 'm'] as const;
export type TimeMode = Preferences['timeMode'];

export type LookChanges = { readonly [N in (typeof LOOKS)[number]]?: string };

export const TIMES: Readonly<Record<string, TimeMode>> = {
  abs: 'clock',
  rel: 'start',
  delta: 'delta',
};

export class LogLook {
  readonly #url: UrlFilters<(typeof LOOKS)[number]>;
  readonly #preferences: Preferences;

  /** Seqs with a bookmark. */
  readonly bookmarks: readonly number[] = $derived.by(() => seqsIn(this.#url.current.m));

  constructor(url: UrlFilters<(typeof LOOKS)[number]>, preferences: Preferences) {
    this.#url = url;
    this.#preferences = preferences;
  }

  get isWrapped(): boolean {
    const { wrap } = this.#url.current;
    return wrap === undefined ? this.#preferences.isWrapped : wrap !== '0';
  }

  /** Whether entries that say the same in a row are one row. */
  get isFolded(): boolean {
    return this.#url.current.fold !== '0';
  }

  get timeMode(): TimeMode {
    return TIMES[this.#url.current.t ?? ''] ?? this.#preferences.timeMode;
  }

  get isCompact(): boolean {
    return this.#preferences.density === 'compact';
  }

  get zone(): Preferences['zone'] {
    return this.#preferences.zone;
  }

  /** Says it in the address, and keeps it for the next log. */
  choose(said: LookChanges, kept: Partial<Choices> = {}): void {
    this.#preferences.set(kept);
    void this.#url.set(said, { hash: location.hash });
  }
}

function seqsIn(text = ''): readonly number[] {
  return text
    .split(',')
    .filter((one) => /^\d{1,15}$/.test(one))
    .map(Number);
}
