import { createContext } from 'svelte';
import type { Zone } from '$lib/format/time';

/** What a person chose for this browser; kept there, and in force at once. */
export const THEMES = ['auto', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

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

const DEFAULTS: Choices = {
  zone: 'local',
  density: 'cosy',
  palette: 'normal',
  hasKeys: true,
  timeMode: 'clock',
  isWrapped: true,
};
const THEME_KEY = 'tasktrail.theme'; // read by app.html before the first paint
const KEY = 'tasktrail.view';

export class Preferences {
  theme = $state<Theme>(storedTheme());
  #choices = $state.raw<Choices>(storedChoices());

  constructor() {
    mark(this.#choices);
  }

  get zone(): Zone {
    return this.#choices.zone;
  }

  get density(): Choices['density'] {
    return this.#choices.density;
  }

  get palette(): Choices['palette'] {
    return this.#choices.palette;
  }

  get hasKeys(): boolean {
    return this.#choices.hasKeys;
  }

  get timeMode(): Choices['timeMode'] {
    return this.#choices.timeMode;
  }

  get isWrapped(): boolean {
    return this.#choices.isWrapped;
  }

  set(changes: Partial<Choices>): void {
    this.#choices = { ...this.#choices, ...changes };
    mark(this.#choices);
    store(KEY, JSON.stringify(this.#choices));
  }

  setTheme(theme: Theme): void {
    this.theme = theme;
    if (theme === 'auto') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    store(THEME_KEY, theme === 'auto' ? null : theme);
  }

  nextTheme(): void {
    this.setTheme(THEMES[(THEMES.indexOf(this.theme) + 1) % THEMES.length] ?? 'auto');
  }
}

export const [getPreferences, setPreferences] = createContext<Preferences>();

function storedTheme(): Theme {
  const theme = document.documentElement.dataset.theme;
  return theme === 'light' || theme === 'dark' ? theme : 'auto';
}

/** What was stored, as far as it is of the right kind. */
function storedChoices(): Choices {
  try {
    const stored = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Record<string, unknown>;
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
function mark({ density, palette }: Choices): void {
  Object.assign(document.documentElement.dataset, { density, palette });
}

function store(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // Storage is closed to us: the choice holds until the page is left.
  }
}
