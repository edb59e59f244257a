import { SPECIAL } from './special';

/**
 * Terminal text as plain pieces with styles, in one pass over the text.
 *
 * Colours and weights are kept, links keep their text and lose their address, every other control
 * sequence goes. What a terminal would have overwritten after a lone carriage return is left out
 * and counted. Control and direction characters become visible marks, so that no text can hide or
 * turn around another. The result is text for text nodes: nothing in it is markup.
 */
export interface Piece {
  readonly text: string;
  readonly style: Style;
}

export interface Style {
  /** Palette index 0 to 15, `#rrggbb`, or null for the page's own colour. */
  readonly color: number | string | null;
  readonly background: number | string | null;
  readonly isBold: boolean;
  readonly isDim: boolean;
  readonly isItalic: boolean;
  readonly isUnderlined: boolean;
  readonly isInverse: boolean;
}

export interface Tokens {
  readonly pieces: readonly Piece[];
  /** How many parts of lines were overwritten by a carriage return. */
  readonly overwritten: number;
}

export const PLAIN: Style = {
  color: null,
  background: null,
  isBold: false,
  isDim: false,
  isItalic: false,
  isUnderlined: false,
  isInverse: false,
};

/* eslint-disable no-control-regex -- control characters are what this file is about */
const SPECIALS = new RegExp(SPECIAL.source, 'g');
const CSI = /(?:\u001b\[|\u009b)([0-?]*)[ -/]*([@-~])/y;
const STRING_SEQUENCE = /(?:\u001b[\]PX^_]|[\u009d\u0090\u0098\u009e\u009f])/y;
const STRING_END = /\u0007|\u001b\\|\u009c/g;
const SHORT_ESCAPE = /\u001b[ -/]*[0-OQ-WYZ\\`a-~]/y;
/* eslint-enable no-control-regex */

/** Pieces of the text; adjacent pieces differ in style. */
export function tokenize(text: string): Tokens {
  if (!SPECIAL.test(text)) {
    return { pieces: text === '' ? [] : [{ text, style: PLAIN }], overwritten: 0 };
  }
  return new Tokenizer(text).run();
}

class Tokenizer {
  #text: string;
  #at = 0;
  #style = PLAIN;
  #pieces: { text: string; style: Style }[] = [];
  #lineStart = { piece: 0, length: 0 }; // where the line began, to undo it
  #overwritten = 0;
  #hasNoEnd = false; // no string sequence ends after this place

  constructor(text: string) {
    this.#text = text;
  }

  run(): Tokens {
    const text = this.#text;
    while (this.#at < text.length) {
      SPECIALS.lastIndex = this.#at;
      const next = SPECIALS.exec(text)?.index ?? text.length;
      if (next > this.#at) this.#plain(text.slice(this.#at, next));
      this.#at = next;
      if (next < text.length) this.#special();
    }
    return { pieces: this.#pieces.filter((piece) => piece.text), overwritten: this.#overwritten };
  }

  #plain(text: string): void {
    this.#push(text);
    const lineEnd = text.lastIndexOf('\n');
    if (lineEnd < 0) return;
    const tail = text.length - lineEnd - 1;
    const last = this.#pieces.length - 1;
    this.#lineStart = { piece: last, length: (this.#pieces[last]?.text.length ?? 0) - tail };
  }

  #push(text: string): void {
    const last = this.#pieces.at(-1);
    if (last && last.style === this.#style) last.text += text;
    else this.#pieces.push({ text, style: this.#style });
  }

  #special(): void {
    const sign = this.#text[this.#at] ?? '';
    if (sign === '\r') this.#carriageReturn();
    else if (this.#skip(CSI, (match) => this.#control(match))) return;
    else if (this.#skip(STRING_SEQUENCE, () => this.#skipString())) return;
    else if (this.#skip(SHORT_ESCAPE, () => undefined)) return;
    else {
      this.#push(mark(sign));
      this.#at += 1;
    }
  }

  #skip(pattern: RegExp, then: (match: RegExpExecArray) => void): boolean {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (!match) return false;
    this.#at += match[0].length;
    then(match);
    return true;
  }

  #control(match: RegExpExecArray): void {
    if (match[2] === 'm') this.#style = styled(this.#style, match[1] ?? '');
  }

  /** A link's address, a title and the like; without its end only the introducer goes. */
  #skipString(): void {
    if (this.#hasNoEnd) return; // one look to the end is enough: the pass stays linear
    STRING_END.lastIndex = this.#at;
    const end = STRING_END.exec(this.#text);
    if (end) this.#at = end.index + end[0].length;
    else this.#hasNoEnd = true;
  }

  #carriageReturn(): void {
    const next = this.#text[this.#at + 1];
    this.#at += 1;
    if (next === '\n' || next === '\r' || next === undefined) return;
    const { piece, length } = this.#lineStart;
    const first = this.#pieces[piece];
    if (!first || (piece === this.#pieces.length - 1 && first.text.length === length)) return;
    this.#pieces.length = piece + 1;
    first.text = first.text.slice(0, length);
    this.#overwritten += 1;
  }
}

/** A sign that shows what would not be seen: `␛`, or `⟨U+202E⟩` for a change of direction. */
function mark(sign: string): string {
  const code = sign.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  if (code === 0x7f) return '␡';
  return `⟨U+${code.toString(16).toUpperCase().padStart(4, '0')}⟩`;
}

/** Changes that need no further number. */
const SIMPLE: Record<number, Partial<Style>> = {
  0: PLAIN,
  1: { isBold: true },
  2: { isDim: true },
  3: { isItalic: true },
  4: { isUnderlined: true },
  7: { isInverse: true },
  22: { isBold: false, isDim: false },
  23: { isItalic: false },
  24: { isUnderlined: false },
  27: { isInverse: false },
  39: { color: null },
  49: { background: null },
};

function styled(style: Style, parameters: string): Style {
  const codes = parameters.split(/[;:]/, 64).map(Number); // nobody needs more in one sequence
  let result = style;
  for (let i = 0; i < codes.length; i += 1) {
    const code = codes[i] ?? 0;
    if (code === 38 || code === 48) {
      const [color, used] = extendedColor(codes, i + 1);
      i += used;
      if (color !== null) {
        result = { ...result, ...(code === 38 ? { color } : { background: color }) };
      }
    } else result = { ...result, ...(SIMPLE[code] ?? paletteChange(code)) };
  }
  return isPlain(result) ? PLAIN : result;
}

function paletteChange(code: number): Partial<Style> {
  if (code >= 30 && code <= 37) return { color: code - 30 };
  if (code >= 90 && code <= 97) return { color: code - 82 };
  if (code >= 40 && code <= 47) return { background: code - 40 };
  if (code >= 100 && code <= 107) return { background: code - 92 };
  return {};
}

/** The colour after a 38 or 48, and how many numbers it took. */
function extendedColor(codes: readonly number[], at: number): [number | string | null, number] {
  if (codes[at] === 5) return [indexedColor(codes[at + 1] ?? 0), 2];
  if (codes[at] !== 2) return [null, 0];
  const channels = codes.slice(at + 1, at + 4);
  return channels.length === 3 ? [hex(channels), 4] : [null, channels.length + 1];
}

function indexedColor(index: number): number | string | null {
  if (!(index >= 0 && index <= 255)) return null;
  if (index < 16) return index;
  if (index >= 232) return hex([0, 0, 0].fill(8 + (index - 232) * 10));
  const cube = index - 16;
  const level = (step: number): number => (step === 0 ? 0 : 55 + step * 40);
  return hex([Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6].map(level));
}

function hex(channels: readonly number[]): string {
  const two = (value: number): string =>
    Math.max(0, Math.min(255, value || 0))
      .toString(16)
      .padStart(2, '0');
  return `#${channels.map(two).join('')}`;
}

function isPlain(style: Style): boolean {
  return (Object.keys(PLAIN) as (keyof Style)[]).every((key) => style[key] === PLAIN[key]);
}
