/**
 * Marks texts wherever they stand in some elements, in any case, without touching them: the rows
 * stay as they are drawn. What stands beside a message is not looked at: no search looks there. A
 * browser that cannot do so marks nothing.
 */
const NAME = 'found';
const BESIDE = '.kind, .aside';

export function highlightIn(elements: Iterable<Element>, ...texts: readonly string[]): void {
  const registry = typeof CSS === 'undefined' ? undefined : CSS.highlights;
  if (!registry || typeof Highlight === 'undefined') return;
  const wanted = texts.filter(Boolean).map((text) => text.toLowerCase());
  const ranges = [...elements].flatMap((element) =>
    wanted.flatMap((text) => rangesOf(element, text)),
  );
  if (ranges.length > 0) registry.set(NAME, new Highlight(...ranges));
  else registry.delete(NAME);
}

function rangesOf(element: Element, wanted: string): Range[] {
  const nodes: Text[] = [];
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    if (!walker.currentNode.parentElement?.matches(BESIDE)) nodes.push(walker.currentNode as Text);
  }
  const whole = nodes.map((node) => lowered(node.data)).join('');
  const ranges: Range[] = [];
  for (let at = whole.indexOf(wanted); at >= 0; at = whole.indexOf(wanted, at + wanted.length)) {
    const range = new Range();
    setEdge(nodes, at, (node, offset) => range.setStart(node, offset));
    setEdge(nodes, at + wanted.length, (node, offset) => range.setEnd(node, offset));
    ranges.push(range);
  }
  return ranges;
}

/** In small letters, where that leaves every character at its place. */
function lowered(text: string): string {
  const lower = text.toLowerCase();
  return lower.length === text.length ? lower : text;
}

/** Hands on the node that holds the character `at` of all nodes together. */
function setEdge(
  nodes: readonly Text[],
  at: number,
  set: (node: Text, offset: number) => void,
): void {
  let rest = at;
  for (const node of nodes) {
    if (rest <= node.length) {
      set(node, rest);
      return;
    }
    rest -= node.length;
  }
}
