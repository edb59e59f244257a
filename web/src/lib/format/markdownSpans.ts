/** What stands inside a paragraph, a heading or a cell. */
export type Span =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'code'; readonly text: string }
  | { readonly kind: 'break' }
  | { readonly kind: 'strong'; readonly spans: readonly Span[] }
  | { readonly kind: 'emphasis'; readonly spans: readonly Span[] }
  | { readonly kind: 'strike'; readonly spans: readonly Span[] }
  | { readonly kind: 'link'; readonly href: string; readonly spans: readonly Span[] };

const DEEPEST = 5;
const SPECIAL = /[\\`*_~[!<\n]|https?:\/\//g;
const TICKS = /`+/y;
const LINK =
  /!?\[((?:[^[\]\\\n]|\\.){0,500})\]\(\s*<?([^\s<>()]{0,2000})>?(?:\s+"[^"\n]{0,300}")?\s*\)/y;
const ANGLED = /<(https?:\/\/[^\s<>]{1,2000})>/y;
const BARE = /https?:\/\/[^\s<>"'`)\]]{1,2000}/y;
const ESCAPED = /\\([!-/:-@[-`{-~])/y;
const SAFE = /^(?:https?:\/\/|mailto:)/i;
const MARKS = [
  ['**', 'strong'],
  ['__', 'strong'],
  ['~~', 'strike'],
  ['*', 'emphasis'],
  ['_', 'emphasis'],
] as const;

export function spansOf(text: string, depth = 0): readonly Span[] {
  return new SpanReader(text, depth).read();
}

class SpanReader {
  readonly #text: string;
  readonly #depth: number;
  readonly #spans: Span[] = [];
  readonly #unclosed = new Set<string>(); // marks that close nowhere behind here
  #plain = '';
  #at = 0;

  constructor(text: string, depth: number) {
    this.#text = text;
    this.#depth = depth;
  }

  read(): readonly Span[] {
    while (this.#at < this.#text.length) {
      SPECIAL.lastIndex = this.#at;
      const next = SPECIAL.exec(this.#text)?.index ?? this.#text.length;
      this.#plain += this.#text.slice(this.#at, next);
      this.#at = next;
      if (next < this.#text.length) this.#special();
    }
    this.#flush();
    return this.#spans;
  }

  #special(): void {
    const sign = this.#text.charAt(this.#at);
    if (sign === '\n') this.#lineEnd();
    else if (!(this.#escaped() || this.#code() || this.#link() || this.#marked())) {
      this.#plain += sign;
      this.#at += 1;
    }
  }

  /** Two blanks before it make a break; a line end alone is a blank. */
  #lineEnd(): void {
    const isBreak = this.#plain.endsWith('  ');
    this.#plain = isBreak ? this.#plain.trimEnd() : `${this.#plain}\n`;
    this.#at += 1;
    if (isBreak) this.#push({ kind: 'break' });
  }

  #escaped(): boolean {
    const match = this.#match(ESCAPED);
    if (match) this.#plain += match[1] ?? '';
    return match !== null;
  }

  #code(): boolean {
    TICKS.lastIndex = this.#at;
    const ticks = TICKS.exec(this.#text)?.[0];
    if (!ticks) return false;
    const start = this.#at + ticks.length;
    const end = this.#unclosed.has(ticks) ? -1 : closingTicks(this.#text, ticks, start);
    if (end < 0) {
      this.#unclosed.add(ticks);
      this.#plain += ticks;
      this.#at = start;
      return true;
    }
    this.#at = end + ticks.length;
    this.#push({ kind: 'code', text: this.#text.slice(start, end).replace(/^ (.+) $/s, '$1') });
    return true;
  }

  #link(): boolean {
    if (this.#depth >= DEEPEST) return false;
    const named = this.#match(LINK);
    if (named) return this.#linked(named[2] ?? '', spansOf(named[1] || (named[2] ?? ''), DEEPEST));
    const href = this.#match(ANGLED)?.[1] ?? this.#match(BARE)?.[0];
    return href !== undefined && this.#linked(href, [{ kind: 'text', text: href }]);
  }

  /** An address that is none of the safe ones stays unsaid. */
  #linked(href: string, words: readonly Span[]): true {
    this.#flush();
    this.#spans.push(
      ...(SAFE.test(href) ? [{ kind: 'link', href, spans: words } as const] : words),
    );
    return true;
  }

  #marked(): boolean {
    if (this.#depth >= DEEPEST) return false;
    for (const [mark, kind] of MARKS) {
      if (!this.#text.startsWith(mark, this.#at)) continue;
      const end = this.#closing(mark);
      if (end < 0) continue;
      const inner = this.#text.slice(this.#at + mark.length, end);
      this.#at = end + mark.length;
      this.#push({ kind, spans: spansOf(inner, this.#depth + 1) });
      return true;
    }
    return false;
  }

  /** Where the mark at hand closes, or -1: not at blanks, and `_` only at the edges of words. */
  #closing(mark: string): number {
    const start = this.#at + mark.length;
    if (this.#unclosed.has(mark) || /\s|^$/.test(this.#text.charAt(start))) return -1;
    if (mark.startsWith('_') && /\w/.test(this.#text.charAt(this.#at - 1))) return -1;
    const end = this.#text.indexOf(mark, start + 1);
    if (end < 0) this.#unclosed.add(mark);
    const isGood = end > 0 && !/\s/.test(this.#text.charAt(end - 1));
    const isInWord = mark.startsWith('_') && /\w/.test(this.#text.charAt(end + mark.length));
    return isGood && !isInWord ? end : -1;
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match) this.#at += match[0].length;
    return match;
  }

  #flush(): void {
    if (this.#plain) this.#spans.push({ kind: 'text', text: this.#plain });
    this.#plain = '';
  }

  #push(span: Span): void {
    this.#flush();
    this.#spans.push(span);
  }
}

function closingTicks(text: string, ticks: string, from: number): number {
  let at = text.indexOf(ticks, from);
  while (at >= 0 && (text.charAt(at + ticks.length) === '`' || text.charAt(at - 1) === '`')) {
    while (text.charAt(at) === '`') at += 1;
    at = text.indexOf(ticks, at);
  }
  return at;
}
