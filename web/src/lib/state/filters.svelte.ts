import { goto } from '$app/navigation';
import { page } from '$app/state';

/** Filters that live in the address: read from it, and changed by going to a new one. */
export class UrlFilters<Name extends string> {
  readonly names: readonly Name[];

  /** The filters that are set. */
  readonly current: { readonly [N in Name]?: string } = $derived.by(() => this.#read());

  constructor(names: readonly Name[]) {
    this.names = names;
  }

  get isAnySet(): boolean {
    return Object.keys(this.current).length > 0;
  }

  /** Sets some filters, an empty string takes one away; the rest of the address stays. */
  async set(changes: { readonly [N in Name]?: string }): Promise<void> {
    const url = new URL(page.url);
    for (const [name, value] of Object.entries(changes) as [Name, string][]) {
      if (value) url.searchParams.set(name, value);
      else url.searchParams.delete(name);
    }
    url.hash = '';
    if (url.search === page.url.search) return;
    // eslint-disable-next-line svelte/no-navigation-without-resolve -- made from the page's own address
    await goto(url, { replaceState: true, noScroll: true, keepFocus: true });
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
