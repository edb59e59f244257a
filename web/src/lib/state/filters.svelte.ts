import { goto } from '$app/navigation';
import { page } from '$app/state';

/** Filters that live in the address: read from it, and changed by going to a new one. */
export class UrlFilters<Name extends string> {
  readonly names: readonly Name[];

  /** What the address says; nothing changes while it says the same. */
  readonly #said = $derived.by(() => JSON.stringify(this.#read()));

  /** The filters that are set. */
  readonly current: { readonly [N in Name]?: string } = $derived(
    JSON.parse(this.#said) as { readonly [N in Name]?: string },
  );

  constructor(names: readonly Name[]) {
    this.names = names;
  }

  get isAnySet(): boolean {
    return Object.keys(this.current).length > 0;
  }

  /**
   * Sets some filters, an empty string takes one away; the rest of the address stays, but for the
   * place in it: that is `hash`. With `isStep` the browser's way back leads here again.
   */
  async set(
    changes: { readonly [N in Name]?: string },
    { hash = '', isStep = false }: { hash?: string; isStep?: boolean } = {},
  ): Promise<void> {
    const url = new URL(page.url);
    for (const [name, value] of Object.entries(changes) as [Name, string][]) {
      if (value) url.searchParams.set(name, value);
      else url.searchParams.delete(name);
    }
    url.hash = hash;
    if (url.search === page.url.search && !isStep) return;
    // eslint-disable-next-line svelte/no-navigation-without-resolve -- made from the page's own address
    await goto(url, { replaceState: !isStep, noScroll: true, keepFocus: true });
  }

  async clear(): Promise<void> {
    const nothing = Object.fromEntries(this.names.map((name) => [name, '']));
    await this.set(nothing as { [N in Name]?: string });
  }

  #read(): { readonly [N in Name]?: string } {
    const set: { [N in Name]?: string } = {};
    for (const name of this.names) {
      const value = page.url.searchParams.get(name);
      if (value) set[name] = value;
    }
    return set;
  }
}
