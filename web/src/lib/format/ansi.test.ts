import { describe, expect, it } from 'vitest';
import { PLAIN, tokenize } from './ansi';

const ESC = '\u001b';
const plainText = (text: string): string =>
  tokenize(text)
    .pieces.map((piece) => piece.text)
    .join('');

describe('tokenize', () => {
  it('leaves plain text whole', () => {
    expect(tokenize('a <b>\n\tc')).toEqual({
      pieces: [{ text: 'a <b>\n\tc', style: PLAIN }],
      overwritten: 0,
    });
    expect(tokenize('').pieces).toEqual([]);
  });

  it.each([
    ['31', { color: 1 }],
    ['1;92', { color: 10, isBold: true }],
    ['2;3;4;7', { isDim: true, isItalic: true, isUnderlined: true, isInverse: true }],
    ['44', { background: 4 }],
    ['103', { background: 11 }],
    ['38;5;9', { color: 9 }],
    ['38;5;196', { color: '#ff0000' }],
    ['48;5;244', { background: '#808080' }],
    ['38;2;1;2;300', { color: '#0102ff' }],
    ['38:5:196', { color: '#ff0000' }],
    ['31;38;2', { color: 1 }],
    ['38;5;999;4', { isUnderlined: true }],
  ])('understands %s', (codes, style) => {
    expect(tokenize(`${ESC}[${codes}mx`).pieces).toEqual([
      { text: 'x', style: { ...PLAIN, ...style } },
    ]);
  });

  it.each(['0', '', '39;22'])('goes back to plain by %s', (codes) => {
    const { pieces } = tokenize(`${ESC}[1;31mred${ESC}[${codes}m plain`);

    expect(pieces[1]).toEqual({ text: ' plain', style: PLAIN });
  });

  it.each([
    [
      'a link keeps its text',
      `${ESC}]8;;javascript:alert(1)${ESC}\\click${ESC}]8;;\u0007!`,
      'click!',
    ],
    ['a title goes', `${ESC}]0;title\u0007text`, 'text'],
    ['cursor movements go', `${ESC}[2J${ESC}[10;4Htext${ESC}[K`, 'text'],
    ['short escapes go', `${ESC}(B${ESC}=text`, 'text'],
    ['a lone escape is seen', `a${ESC}`, 'a␛'],
    ['an unfinished sequence is seen', `a${ESC}[12`, 'a␛[12'],
    ['a link without an end keeps its text', `a${ESC}]8;;http://x`, 'a8;;http://x'],
    ['a bell and a zero byte are seen', 'a\u0007\u0000', 'a␇␀'],
    ['a change of direction is seen', 'a\u202eb', 'a⟨U+202E⟩b'],
    ['an eight-bit introducer works', '\u009b31mred', 'red'],
  ])('%s', (_, text, expected) => {
    expect(plainText(text)).toBe(expected);
  });

  it.each([
    ['10 %\r20 %\r30 %', '30 %', 2],
    ['one\nab\rc\nlast', 'one\nc\nlast', 1],
    ['a\r\nb\r\n', 'a\nb\n', 0],
    ['a\r', 'a', 0],
    [`x\n${ESC}[31m1${ESC}[32m2\r${ESC}[0m3`, 'x\n3', 1],
    ['\rstart', 'start', 0],
  ])('shows what a terminal would after a carriage return: %j', (text, expected, overwritten) => {
    expect(plainText(text)).toBe(expected);
    expect(tokenize(text).overwritten).toBe(overwritten);
  });

  it('takes every character once, however hostile the text', () => {
    const opened = tokenize(`${ESC}]8;;x`.repeat(50_000));
    const coloured = tokenize(`${ESC}[31mx${ESC}[0m`.repeat(50_000));

    expect(opened.pieces).toHaveLength(1);
    expect(coloured.pieces).toHaveLength(50_000);
  });
});
