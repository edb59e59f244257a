/** The keys of all pages; keys that stand for one action are parted by two spaces. */
export const SHORTCUTS: readonly (readonly [keys: string, words: string])[] = [
  ['/', 'filter or search'],
  ['s', 'search all tasks'],
  ['j  k', 'next, previous row'],
  ['Enter  x', 'open the row'],
  ['g  G', 'first row, newest row'],
  ['e  E', 'next, previous error of a log'],
  ['p', 'pause, go on'],
  ['y', 'copy a link to the row'],
  ['D', 'change the theme'],
  ['?', 'the keys'],
  ['Esc', 'leave the filter, cancel, close'],
];
