import { createContext } from 'svelte';
import type { Zone } from '$lib/format/time';
import { CHOICES_KEY, mark, storedChoices, type Choices } from './choices';

/** What a person chose for this browser; kept there, and in force at once. */
export const THEMES = ['auto', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const THEME_KEY = 'tasktrail.theme'; // read by app.html before the first paint

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
    store(CHOICES_KEY, JSON.stringify(this.#choices));
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

function store(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // Storage is closed to us: the choice holds until the page is left.
  }
}
