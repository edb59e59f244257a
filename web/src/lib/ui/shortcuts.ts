import { keysOf, type Action } from './keyMap';

/** What the keys of the map do, in words: read by the palette and the help, when they are opened. */
export type Group = 'Everywhere' | 'Lists' | 'Log' | 'Rows' | 'Timeline';

export interface Shortcut {
  readonly action: Action;
  readonly group: Group;
  readonly words: string;
}

const WORDS: Readonly<Record<Action, readonly [group: Group, words: string]>> = {
  palette: ['Everywhere', 'command palette'],
  help: ['Everywhere', 'the keys'],
  searchAll: ['Everywhere', 'search all tasks'],
  theme: ['Everywhere', 'change the theme'],
  filter: ['Lists', 'filter or search'],
  next: ['Lists', 'next row'],
  previous: ['Lists', 'previous row'],
  first: ['Lists', 'first row'],
  last: ['Lists', 'newest row; follow again'],
  nextPart: ['Lists', 'next stage or turn'],
  previousPart: ['Lists', 'previous stage or turn'],
  close: ['Everywhere', 'leave, cancel or close the innermost'],
  find: ['Log', 'find in the task; once more for the browser’s own'],
  nextHit: ['Log', 'next hit'],
  previousHit: ['Log', 'previous hit'],
  nextError: ['Log', 'next error'],
  previousError: ['Log', 'previous error'],
  goTo: ['Log', 'go to an entry or a time'],
  pause: ['Log', 'pause, go on'],
  follow: ['Log', 'follow'],
  pageDown: ['Log', 'a view down'],
  pageUp: ['Log', 'a view up'],
  level: ['Log', 'lowest level shown: all, debug … critical'],
  wrap: ['Log', 'wrap long lines, or one line each'],
  timeMode: ['Log', 'times: clock, since the start, since the row before'],
  density: ['Log', 'density: dense or roomy rows'],
  drawer: ['Rows', 'details beside the log'],
  expand: ['Rows', 'open the row'],
  extendDown: ['Rows', 'mark the next row too'],
  extendUp: ['Rows', 'mark the previous row too'],
  copyLink: ['Rows', 'copy a link to what is marked'],
  copyText: ['Rows', 'copy what is marked as text'],
  context: ['Rows', 'see the row among its neighbours, without the filter'],
  sameSource: ['Rows', 'only this source'],
  bookmark: ['Rows', 'bookmark, kept in the address'],
  closer: ['Timeline', 'closer'],
  wider: ['Timeline', 'wider'],
  earlier: ['Timeline', 'earlier'],
  later: ['Timeline', 'later'],
  whole: ['Timeline', 'all of it'],
};

export const ALL: readonly Shortcut[] = (Object.keys(WORDS) as Action[]).map((action) => ({
  ...{ action, group: WORDS[action][0], words: WORDS[action][1] },
}));

const NAMES: Readonly<Record<string, string>> = {
  ' ': 'Space',
  ArrowDown: '↓',
  ArrowUp: '↑',
  ArrowLeft: '←',
  ArrowRight: '→',
  Escape: 'Esc',
  PageDown: 'PgDn',
  PageUp: 'PgUp',
  'Ctrl+k': 'Ctrl+K',
  'Ctrl+f': 'Ctrl+F',
  'Shift+ArrowDown': 'Shift+↓',
  'Shift+ArrowUp': 'Shift+↑',
};

/** A key as it is written on keyboards. */
export function keyName(key: string): string {
  return NAMES[key] ?? key;
}

/** All keys with what they do; keys that stand for one action are parted by two spaces. */
export const SHORTCUTS: readonly (readonly [keys: string, words: string])[] = ALL.map(
  ({ action, words }) => [keysOf(action).map(keyName).join('  '), words],
);
