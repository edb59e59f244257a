/** The named things whose name holds every word of a text, the best first, in their order otherwise. */
export function ranked<T extends { readonly name: string }>(
  things: readonly T[],
  text: string,
): readonly T[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const scored = things.flatMap((thing, at) => {
    const score = scoreOf(thing.name.toLowerCase(), words);
    return score === null ? [] : [{ thing, score, at }];
  });
  return scored.sort((a, b) => a.score - b.score || a.at - b.at).map(({ thing }) => thing);
}

/** Less is better: 0 for each word that begins the name, 1 inside a word's beginning, 2 anywhere. */
function scoreOf(name: string, words: readonly string[]): number | null {
  let score = 0;
  for (const word of words) {
    const place = name.indexOf(word);
    if (place < 0) return null;
    if (place > 0) score += /\W/.test(name[place - 1] ?? '') ? 1 : 2;
  }
  return score;
}
