/** A JSON value as a tree that is opened step by step: what a node says closed, and its children. */
export interface Child {
  readonly key: string;
  readonly value: unknown;
}

export type Kind = 'object' | 'array' | 'string' | 'number' | 'word';

/** A number that was kept as it was written. */
function rawOf(value: unknown): string | null {
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value)) return null;
  const raw = (value as { rawJSON?: unknown }).rawJSON;
  return typeof raw === 'string' && Object.isFrozen(value) ? raw : null;
}

export function kindOf(value: unknown): Kind {
  if (typeof value === 'string') return 'string';
  if (typeof value === 'number' || rawOf(value) !== null) return 'number';
  if (Array.isArray(value)) return 'array';
  return typeof value === 'object' && value !== null ? 'object' : 'word';
}

/** How many children there are; 0 for what has none. */
export function sizeOf(value: unknown): number {
  const kind = kindOf(value);
  if (kind === 'array') return (value as readonly unknown[]).length;
  return kind === 'object' ? Object.keys(value as object).length : 0;
}

/** The first `most` children. */
export function childrenOf(value: unknown, most: number): readonly Child[] {
  const kind = kindOf(value);
  if (kind === 'array') {
    const items = (value as readonly unknown[]).slice(0, most);
    return items.map((item, at) => ({ key: String(at), value: item }));
  }
  if (kind !== 'object') return [];
  const fields = value as Readonly<Record<string, unknown>>;
  return Object.keys(fields)
    .slice(0, most)
    .map((key) => ({ key, value: fields[key] }));
}

const MOST_SHOWN = 60;

/** A leaf as JSON; of what has children how many: `{12}`, `[3]`. */
export function briefOf(value: unknown): string {
  const kind = kindOf(value);
  if (kind === 'object') return `{${sizeOf(value)}}`;
  if (kind === 'array') return `[${sizeOf(value)}]`;
  return rawOf(value) ?? JSON.stringify(value) ?? 'undefined';
}

/** What a closed node shows of its inside: `{a: 1, b: "x", …}`. */
export function glimpseOf(value: unknown): string {
  const parts: string[] = [];
  let length = 0;
  const isArray = Array.isArray(value);
  for (const child of childrenOf(value, 8)) {
    const brief = kindOf(child.value) === 'string' ? shortened(child.value) : briefOf(child.value);
    const part = isArray ? brief : `${child.key.slice(0, 30)}: ${brief}`;
    if (length + part.length > MOST_SHOWN) break;
    length += part.length;
    parts.push(part);
  }
  if (parts.length < sizeOf(value)) parts.push('…');
  return isArray ? `[${parts.join(', ')}]` : `{${parts.join(', ')}}`;
}

function shortened(value: unknown): string {
  const text = String(value);
  return JSON.stringify(text.length > 30 ? `${text.slice(0, 29)}…` : text);
}
