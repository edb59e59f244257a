/**
 * Clauses of a typed filter, for putting some in and taking some out. What a clause means, and
 * whether it means anything, is the server's to say: a text that nobody understands stays as it is.
 */
const CLAUSE = /(?:"(?:[^"\\]|\\.)*"?|[^\s"])+/gs;
const SIMPLE = /^[^\s",\-/:<>=\\*][^\s",<>=\\*]*$/;

export function clausesOf(text: string): readonly string[] {
  return text.match(CLAUSE) ?? [];
}

/** The words and phrases that a text looks for in messages, as they were meant. */
export function wordsOf(text: string): readonly string[] {
  return clausesOf(text).flatMap((clause) => {
    if (clause.startsWith('"')) return clause.replace(/^"|"$/g, '').replace(/\\(.)/g, '$1') || [];
    return SIMPLE.test(clause) && !clause.includes(':') ? clause : [];
  });
}

/** A text as a clause that means just this text. */
export function phraseOf(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}

/** `source:git`, its value in quotes where it needs them. */
export function clauseOf(key: string, value: string, isExcluded = false): string {
  return `${isExcluded ? '-' : ''}${key}:${SIMPLE.test(value) ? value : phraseOf(value)}`;
}

/** The text with the clause, its opposite taken out; without it where it was there already. */
export function toggled(text: string, clause: string): string {
  const opposite = clause.startsWith('-') ? clause.slice(1) : `-${clause}`;
  const all = clausesOf(text);
  const rest = all.filter((one) => one !== clause && one !== opposite);
  return (all.includes(clause) ? rest : [...rest, clause]).join(' ');
}

/** The text without its clause number `at`. */
export function withoutClause(text: string, at: number): string {
  return clausesOf(text)
    .filter((_, i) => i !== at)
    .join(' ');
}

/** Both texts must hold. */
export function combined(one: string | undefined, other: string): string {
  return one ? `${one} ${other}` : other;
}
