import { describe, expect, it } from 'vitest';
import {
  clauseOf,
  clausesOf,
  combined,
  phraseOf,
  toggled,
  withoutClause,
  wordsOf,
} from './clauses';

describe('clauses', () => {
  it('are parted by blanks outside of quotes', () => {
    const text = ' level>=warning  source:"a b",c -"exact \\" words"  word ';

    expect(clausesOf(text)).toEqual([
      'level>=warning',
      'source:"a b",c',
      '-"exact \\" words"',
      'word',
    ]);
    expect(clausesOf('   ')).toEqual([]);
  });

  it('stay whole where a quote is not closed', () => {
    expect(clausesOf('a "never closed b')).toEqual(['a', '"never closed b']);
  });

  it.each([
    ['git', 'source:git'],
    ['tool:bash', 'source:tool:bash'],
    ['two words', 'source:"two words"'],
    ['ends*', 'source:"ends*"'],
    ['-dash', 'source:"-dash"'],
    ['a"b\\c', 'source:"a\\"b\\\\c"'],
    ['', 'source:""'],
  ])('of the value %s', (value, clause) => {
    expect(clauseOf('source', value)).toBe(clause);
  });

  it('come and go', () => {
    expect(toggled('noise', 'source:git')).toBe('noise source:git');
    expect(toggled('noise source:git', 'source:git')).toBe('noise');
  });

  it('give way to their opposite', () => {
    expect(toggled('source:git', '-source:git')).toBe('-source:git');
    expect(toggled('-source:git x', 'source:git')).toBe('x source:git');
  });

  it('can be taken out by their place', () => {
    expect(withoutClause('a "b c" d', 1)).toBe('a d');
    expect(combined(undefined, phraseOf('x'))).toBe('"x"');
    expect(combined('a', phraseOf('say "x"'))).toBe('a "say \\"x\\""');
  });
});

describe('wordsOf', () => {
  it.each([
    ['error', ['error']],
    ['level>=error source:git "patch \\"x\\" fails" plain -noise', ['patch "x" fails', 'plain']],
    ['/re.gex/ "" a:b', []],
  ])('takes what is looked for in messages out of %s', (text, words) => {
    expect(wordsOf(text)).toEqual(words);
  });
});
