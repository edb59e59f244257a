import type { Metrics } from '$lib/api/operations';

/** The figures of the last minutes, as long as the page is open: the server keeps no history. */
const MOST = 300; // ten minutes at one look in two seconds

export class History {
  all = $state.raw<readonly Metrics[]>([]);

  add(metrics: Metrics): void {
    this.all = [...this.all, metrics].slice(-MOST);
  }
}
