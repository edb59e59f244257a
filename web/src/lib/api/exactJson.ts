/**
 * JSON with its numbers kept as they were written: 2^53 + 1, 1.0 and 1e3 come out again as they
 * went in. Browsers that cannot do so get ordinary numbers.
 */
interface ExactJson {
  rawJSON?(text: string): unknown;
  parse(
    text: string,
    reviver: (this: unknown, key: string, value: unknown, context?: { source?: string }) => unknown,
  ): unknown;
}

export function parseExactly(text: string): unknown {
  const exact = JSON as unknown as ExactJson;
  return exact.parse(text, (_key, value, context) => {
    if (typeof value !== 'number' || !context?.source || !exact.rawJSON) return value;
    return String(value) === context.source ? value : exact.rawJSON(context.source);
  });
}

/** The value as indented text. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value, null, 2) ?? '');
}
