import { describe, expect, it } from 'vitest';
import { blocksOf } from './markdown';
import { spansOf, type Span } from './markdownSpans';

/** The spans as a short text: `*emphasis*`, `**strong**`, `[link](href)`. */
function written(spans: readonly Span[]): string {
  return spans
    .map((span) => {
      if (span.kind === 'break') return '⏎';
      if (span.kind === 'text') return span.text;
      if (span.kind === 'code') return `‹${span.text}›`;
      const inner = written(span.spans);
      return span.kind === 'link' ? `[${inner}](${span.href})` : `${span.kind}(${inner})`;
    })
    .join('');
}

describe('spans', () => {
  it.each([
    ['plain', 'plain'],
    ['**bold** and *soft*', 'strong(bold) and emphasis(soft)'],
    ['snake_case_name stays', 'snake_case_name stays'],
    ['_soft_ ~~gone~~', 'emphasis(soft) strike(gone)'],
    ['2 * 3 * 4', '2 * 3 * 4'],
    ['`a * b` and ``c ` d``', '‹a * b› and ‹c ` d›'],
    ['`open', '`open'],
    ['\\*not soft\\*', '*not soft*'],
    ['a  \nb', 'a⏎b'],
    ['**bold *both***', 'strong(bold *both)*'],
    ['[docs](https://e.test/a "t")', '[docs](https://e.test/a)'],
    ['see https://e.test/x.', 'see [https://e.test/x.](https://e.test/x.)'],
    ['<https://e.test>', '[https://e.test](https://e.test)'],
    ['![shot](https://e.test/i.png)', '[shot](https://e.test/i.png)'],
    ['[x](javascript:alert(1))', '[x](javascript:alert(1))'],
    ['[x](javascript:alert)', 'x'],
    ['[x](data:text/html,hi)', 'x'],
    ['[x](  JaVaScRiPt:1)', 'x'],
    ['<img src=x onerror=alert(1)>', '<img src=x onerror=alert(1)>'],
  ])('%s', (text, expected) => {
    expect(written(spansOf(text))).toBe(expected);
  });

  it('never hold a link that is not to a page or an address', () => {
    const links = (spans: readonly Span[]): string[] =>
      spans.flatMap((span) =>
        span.kind === 'link' ? [span.href] : 'spans' in span ? links(span.spans) : [],
      );
    const texts = ['[a](javascript:1)', '[b](//e.test)', '[c](vbscript:x)', '[d](mailto:a@e.test)'];

    expect(texts.flatMap((text) => links(spansOf(text)))).toEqual(['mailto:a@e.test']);
  });
});

describe('blocks', () => {
  it('are headings, paragraphs and rules', () => {
    const kinds = blocksOf('# One\ntext\nmore\n\n---\n### Three ###').map((block) => block.kind);

    expect(kinds).toEqual(['heading', 'paragraph', 'rule', 'heading']);
  });

  it('keep fenced code as it is, also without its end', () => {
    expect(blocksOf('```py\na = 1\n\n# no heading\n```')).toEqual([
      { kind: 'code', language: 'py', text: 'a = 1\n\n# no heading' },
    ]);
    expect(blocksOf('~~~\nopen')[0]).toMatchObject({ kind: 'code', text: 'open' });
  });

  it('nest lists', () => {
    const [list] = blocksOf('3. one\n   - inner\n4. two\n');

    expect(list).toMatchObject({ kind: 'list', start: 3 });
    const items = list?.kind === 'list' ? list.items : [];
    expect(items.map((item) => item.map((block) => block.kind))).toEqual([
      ['paragraph', 'list'],
      ['paragraph'],
    ]);
  });

  it('read tables and quotes', () => {
    const [quote, table] = blocksOf('> said\n> more\n\n| a | b |\n|---|:-:|\n| 1 | `x\\|y` |');

    expect(quote).toMatchObject({ kind: 'quote', blocks: [{ kind: 'paragraph' }] });
    expect(table?.kind === 'table' && table.rows[0]?.map(written)).toEqual(['1', '‹x|y›']);
  });

  it.each(['> ', '- ', '*', '_a ', '[', '`', '**a ', '1. ', '[a](', '<http://'])(
    'of 60,000 characters of %j take a moment and end at a depth',
    (part) => {
      const text = part.repeat(Math.floor(60_000 / part.length));

      expect(blocksOf(text).length).toBeGreaterThan(0);
    },
  );
});
