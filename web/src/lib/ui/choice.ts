/** Something to choose in the palette. */
export interface Choice {
  readonly name: string;
  readonly group: string;
  readonly keys?: string;
  readonly run: () => unknown;
}
