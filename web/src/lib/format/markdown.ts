import { spansOf, type Span } from './markdownSpans';

/**
 * Markdown as a tree of blocks, to be drawn with elements: no text of it ever becomes markup.
 *
 * What agents write is understood: headings, paragraphs, lists, quotes, tables, rules and fenced
 * code. HTML is text, images are links, and nesting ends at a depth, so that no text takes longer
 * than its length allows.
 */
export type Block =
  | { readonly kind: 'heading'; readonly level: number; readonly spans: readonly Span[] }
  | { readonly kind: 'paragraph'; readonly spans: readonly Span[] }
  | { readonly kind: 'code'; readonly language: string; readonly text: string }
  | { readonly kind: 'quote'; readonly blocks: readonly Block[] }
  | {
      readonly kind: 'list';
      /** The first number, or null for a list without numbers. */
      readonly start: number | null;
      readonly items: readonly (readonly Block[])[];
    }
  | {
      readonly kind: 'table';
      readonly head: readonly (readonly Span[])[];
      readonly rows: readonly (readonly (readonly Span[])[])[];
    }
  | { readonly kind: 'rule' };

export const MOST_CHARACTERS = 64_000; // a longer text is better read as text
const DEEPEST = 6;

const FENCE = /^ {0,3}(`{3,}|~{3,})\s*([\w+#.-]*)/;
const HEADING = /^ {0,3}(#{1,6})(?:[ \t]+(.*?))?[ \t]*#*$/;
const RULE = /^ {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$/;
const QUOTE = /^ {0,3}> ?/;
const ITEM = /^( {0,3})([-*+]|\d{1,9}[.)])( +|$)/;
const TABLE_RULE = /^ {0,3}\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$/;

export function blocksOf(text: string): readonly Block[] {
  return new Reader(text.slice(0, MOST_CHARACTERS).split(/\r?\n/), 0).read();
}

class Reader {
  readonly #lines: readonly string[];
  readonly #depth: number;
  readonly #blocks: Block[] = [];
  #at = 0;

  constructor(lines: readonly string[], depth: number) {
    this.#lines = lines;
    this.#depth = depth;
  }

  read(): readonly Block[] {
    while (this.#at < this.#lines.length) {
      const line = this.#line;
      if (line.trim() === '') this.#at += 1;
      else this.#block(line);
    }
    return this.#blocks;
  }

  get #line(): string {
    return this.#lines[this.#at] ?? '';
  }

  #block(line: string): void {
    const fence = FENCE.exec(line);
    const heading = HEADING.exec(line);
    if (fence) this.#code(fence);
    else if (heading) this.#heading(heading);
    else if (RULE.test(line)) this.#push({ kind: 'rule' });
    else if (this.#depth >= DEEPEST || !this.#nested(line)) this.#flat(line);
  }

  #nested(line: string): boolean {
    const [isQuote, isItem] = [QUOTE.test(line), ITEM.test(line)];
    if (isQuote) this.#quote();
    else if (isItem) this.#list();
    return isQuote || isItem;
  }

  #flat(line: string): void {
    const isTable = line.includes('|') && TABLE_RULE.test(this.#lines[this.#at + 1] ?? '');
    if (isTable) this.#table();
    else this.#paragraph();
  }

  #push(block: Block): void {
    this.#blocks.push(block);
    this.#at += 1;
  }

  #heading([, signs = '#', text = '']: RegExpExecArray): void {
    this.#push({ kind: 'heading', level: signs.length, spans: spansOf(text) });
  }

  /** To the closing fence, or to the end where there is none. */
  #code([, fence = '', language = '']: RegExpExecArray): void {
    const body: string[] = [];
    const sign = fence.charAt(0);
    for (this.#at += 1; this.#at < this.#lines.length; this.#at += 1) {
      const line = this.#line.trim();
      if (line.startsWith(fence) && line === sign.repeat(line.length)) break;
      body.push(this.#line);
    }
    this.#push({ kind: 'code', language, text: body.join('\n') });
  }

  #quote(): void {
    const inner: string[] = [];
    for (; QUOTE.test(this.#line); this.#at += 1) inner.push(this.#line.replace(QUOTE, ''));
    this.#blocks.push({ kind: 'quote', blocks: this.#inside(inner) });
  }

  #list(): void {
    const sign = kindOf(ITEM.exec(this.#line)?.[2] ?? '-');
    const number = parseInt(this.#line.trim(), 10);
    const items: (readonly Block[])[] = [];
    for (;;) {
      const item = ITEM.exec(this.#line);
      if (!item || RULE.test(this.#line) || kindOf(item[2] ?? '') !== sign) break;
      items.push(this.#item(item));
    }
    this.#blocks.push({ kind: 'list', start: sign === '1' ? number : null, items });
  }

  /** One item: its first line, and those that follow indented or without a blank between. */
  #item([marker, , , blanks = ' ']: RegExpExecArray): readonly Block[] {
    const indent = marker.length - Math.max(0, blanks.length - 1);
    const inner = [this.#line.slice(indent)];
    for (this.#at += 1; this.#at < this.#lines.length; this.#at += 1) {
      const line = this.#line;
      const isBlank = line.trim() === '';
      const isInside = line.startsWith(' '.repeat(indent));
      if (!isBlank && !isInside && (ITEM.test(line) || inner.at(-1)?.trim() === '')) break;
      inner.push(isInside ? line.slice(indent) : line.trimStart());
    }
    return this.#inside(inner);
  }

  #table(): void {
    const head = cellsOf(this.#line);
    const rows: (readonly (readonly Span[])[])[] = [];
    for (this.#at += 2; this.#line.includes('|'); this.#at += 1) rows.push(cellsOf(this.#line));
    this.#blocks.push({ kind: 'table', head, rows });
  }

  #paragraph(): void {
    const lines = [this.#line];
    for (this.#at += 1; this.#at < this.#lines.length; this.#at += 1) {
      if (isBoundary(this.#line)) break;
      lines.push(this.#line);
    }
    const text = lines.map((line) => line.trimStart()).join('\n');
    this.#blocks.push({ kind: 'paragraph', spans: spansOf(text) });
  }

  #inside(lines: readonly string[]): readonly Block[] {
    return new Reader(lines, this.#depth + 1).read();
  }
}

/** Whether a paragraph ends before the line. */
function isBoundary(line: string): boolean {
  return line.trim() === '' || [FENCE, HEADING, RULE, QUOTE, ITEM].some((one) => one.test(line));
}

/** Numbers are of one kind, each sign is of its own. */
function kindOf(marker: string): string {
  return /\d/.test(marker) ? '1' : marker;
}

function cellsOf(line: string): readonly (readonly Span[])[] {
  const inner = line.trim().replace(/^\|/, '').replace(/\|$/, '');
  return inner.split(/(?<!\\)\|/).map((cell) => spansOf(cell.trim().replaceAll('\\|', '|')));
}
