import type { Zone } from '$lib/format/time';

/** What a person chose for this browser, as it is kept there. */
export interface Choices {
  /** Which zone times are told in. */
  readonly zone: Zone;
  readonly density: 'cosy' | 'compact';
  /** Colours that stay apart for people who do not tell red from green. */
  readonly palette: 'normal' | 'safe';
  /** Whether single letters act. */
  readonly hasKeys: boolean;
  /** What stands in a log's column of times: the clock, or the time since the start or the row before. */
  readonly timeMode: 'clock' | 'start' | 'delta';
  /** Whether a log's long lines are broken. */
  readonly isWrapped: boolean;
}

export const CHOICES_KEY = 'tasktrail.view';
const DEFAULTS: Choices = {
  zone: 'local',
  density: 'cosy',
  palette: 'normal',
  hasKeys: true,
  timeMode: 'clock',
  isWrapped: true,
};

/** What was stored, as far as it is of the right kind. */
export function storedChoices(): Choices {
  try {
    const stored = JSON.parse(localStorage.getItem(CHOICES_KEY) ?? '{}') as Record<string, unknown>;
    const known = Object.entries(DEFAULTS).map(([name, value]) => {
      const said = stored[name];
      return [name, typeof said === typeof value ? said : value];
    });
    return Object.fromEntries(known) as unknown as Choices;
  } catch {
    return DEFAULTS;
  }
}

/** Puts the choices that style sheets read on the root of the page. */
export function mark({ density, palette }: Choices): void {
  Object.assign(document.documentElement.dataset, { density, palette });
}
