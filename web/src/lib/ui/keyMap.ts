/** Which keys do what: `KeyboardEvent.key`, several parted by blanks; `Ctrl+` is also a Mac's command key. */
export const KEYS = {
  palette: 'Ctrl+k',
  help: '?',
  searchAll: 's',
  theme: 'D',
  filter: '/',
  next: 'j ArrowDown',
  previous: 'k ArrowUp',
  first: 'g Home',
  last: 'G End',
  nextPart: ']',
  previousPart: '[',
  close: 'Escape',
  find: 'Ctrl+f',
  nextHit: 'n',
  previousHit: 'N',
  nextError: 'e',
  previousError: 'E',
  goTo: ':',
  pause: 'p',
  follow: 'f',
  pageDown: 'PageDown Space',
  pageUp: 'PageUp',
  level: '1 2 3 4 5 6',
  wrap: 'w',
  timeMode: 't',
  density: 'd',
  drawer: 'Enter',
  expand: 'x',
  extendDown: 'Shift+ArrowDown',
  extendUp: 'Shift+ArrowUp',
  copyLink: 'y',
  copyText: 'Y',
  context: 'c',
  sameSource: '.',
  bookmark: 'b',
  closer: '+ =',
  wider: '-',
  earlier: 'ArrowLeft',
  later: 'ArrowRight',
  whole: '0',
} as const;

export type Action = keyof typeof KEYS;

/** The keys of an action, each as the browser names it. */
export function keysOf(action: Action): readonly string[] {
  return KEYS[action].split(' ').map((key) => (key === 'Space' ? ' ' : key));
}
