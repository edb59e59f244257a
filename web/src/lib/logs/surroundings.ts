import type { LogFilters } from '$lib/api/types';
import type { LogLook } from '$lib/state/logLook.svelte';
import type { LogView } from '$lib/state/logView.svelte';

/** How a filter is changed: the entry to stand at, and whether the way back leads to the old one. */
export type FilterChange = (
  changes: LogFilters,
  how?: { readonly hash?: string; readonly isStep?: boolean },
) => void;

/** What the acts of a reader work on. */
export interface Surroundings {
  readonly view: LogView;
  readonly look: LogLook;
  readonly filters: () => LogFilters;
  readonly onfilter: FilterChange;
  /** Writes what is marked into the address. */
  readonly showMarked: () => void;
}
