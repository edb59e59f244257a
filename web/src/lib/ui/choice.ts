/** Something to choose in the palette. */
export interface Choice {
  readonly name: string;
  readonly group: string;
  readonly keys?: string;
  readonly run: () => unknown;
}

/** What can be chosen besides the actions of a page, as it is when the palette opens. */
export interface Choices {
  readonly places: readonly Choice[];
  /** More choices for a text, as tasks of that name. */
  lookup(text: string, signal: AbortSignal): Promise<readonly Choice[]>;
}
