import { createContext, onDestroy } from 'svelte';
import { isTyping } from './keys';
import { KEYS, keysOf, type Action } from './keyMap';

/** What an action does; `false` leaves the key to the browser. */
export type Run = (event?: KeyboardEvent) => unknown;
export type Actions = Readonly<Partial<Record<Action, Run>>>;

/** Keys that a control of the page means for itself while it has the focus. */
const OF_CONTROLS = new Set(['Enter', ' ']);
const CONTROL = 'a, button, summary, [role="slider"], [role="option"], dialog *';

/**
 * The keys of the page: whoever can do something says so while it is there, and the one that came
 * last is asked first. While somebody types only what has a modifier, and Escape, acts.
 */
export class Keyboard {
  /** What the palette begins with; null while it is closed. */
  paletteText = $state<string | null>(null);
  isHelpOpen = $state(false);
  /** Leads to the entry or time of a text, where there is a log; answers what was wrong with it. */
  goTo = $state.raw<((place: string) => Promise<string | null>) | null>(null);

  readonly #hasKeys: () => boolean;
  /** Two of the same: where a component goes, the first still reads as it was before the change. */
  #inUse = $state.raw<readonly (() => Actions)[]>([]);
  #all = this.#inUse;

  /** `hasKeys` says whether single letters act. */
  constructor(hasKeys: () => boolean) {
    this.#hasKeys = hasKeys;
  }

  /**
   * Takes part until the component that says so is gone; to be called while it is made. A function
   * is asked at each press: what can be done may change.
   */
  use(actions: Actions | (() => Actions)): void {
    onDestroy(this.add(typeof actions === 'function' ? actions : () => actions));
  }

  /** The same until what is answered is called. */
  add(actions: () => Actions): () => void {
    this.#inUse = this.#all = [...this.#all, actions];
    return () => (this.#inUse = this.#all = this.#all.filter((one) => one !== actions));
  }

  /** Has `goTo` lead there until what is answered is called; who came since then stays. */
  lead(goTo: (place: string) => Promise<string | null>): () => void {
    this.goTo = goTo;
    return () => {
      if (this.goTo === goTo) this.goTo = null;
    };
  }

  /** Whether it can be done here and now. */
  can(action: Action): boolean {
    return this.#runOf(action) !== undefined;
  }

  run(action: Action): void {
    this.#runOf(action)?.();
  }

  press(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.isComposing || !this.#isOurs(event)) return;
    const name = nameOf(event);
    if (name.length === 1 && this.#awaitsPalette(event)) return this.#typeAhead(event);
    for (const action of Object.keys(KEYS) as Action[]) {
      const run = keysOf(action).includes(name) ? this.#runOf(action) : undefined;
      if (!run || run(event) === false) continue;
      event.preventDefault();
      return;
    }
  }

  /**
   * Presses what was pressed before the page was there. What follows a key that leads into a field
   * is typed there; what had a modifier was the browser's, and is done.
   */
  replay(pressed: readonly KeyboardEvent[] = []): void {
    for (const event of pressed) {
      if (event.ctrlKey || event.metaKey) continue;
      if (!isTyping(document.activeElement)) this.press(event);
      else if (event.key.length === 1) document.execCommand('insertText', false, event.key);
    }
  }

  /** Whether the palette was asked for and is not there yet: what follows is meant for it. */
  #awaitsPalette({ target }: KeyboardEvent): boolean {
    return this.paletteText !== null && !(target instanceof Element && target.closest('dialog'));
  }

  #typeAhead(event: KeyboardEvent): void {
    this.paletteText += event.key;
    event.preventDefault();
  }

  #isOurs(event: KeyboardEvent): boolean {
    const { key, target } = event;
    if (key === 'Escape' || event.ctrlKey || event.metaKey) return true;
    if (isTyping(target) || (key.length === 1 && key !== ' ' && !this.#hasKeys())) return false;
    return !(OF_CONTROLS.has(key) && target instanceof Element && target.closest(CONTROL));
  }

  #runOf(action: Action): Run | undefined {
    const all = this.#inUse.map((actions) => actions()[action]);
    return all.findLast((run) => run);
  }
}

function nameOf(event: KeyboardEvent): string {
  const { key } = event;
  if (event.altKey) return '';
  if (event.ctrlKey || event.metaKey) return `Ctrl+${key.toLowerCase()}`;
  return event.shiftKey && key.startsWith('Arrow') ? `Shift+${key}` : key;
}

export const [getKeyboard, setKeyboard] = createContext<Keyboard>();
