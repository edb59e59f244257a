import { grouped } from './bytes';

/** Reading documents whose shape nobody guarantees. */
export type Fields = Readonly<Record<string, unknown>>;

/** The value as an object; an empty one for anything else. */
export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Fields)
    : {};
}

/** The first of these keys that holds a text that is not blank. */
export function textIn(fields: Fields, ...keys: readonly string[]): string | null {
  for (const key of keys) {
    const value = fields[key];
    if (typeof value === 'string' && value.trim()) return value;
  }
  return null;
}

/** What is left of an object without some keys. */
export function without(fields: Fields, ...keys: readonly string[]): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([key]) => !keys.includes(key)));
}

/** Any value as a person reads it: a text as it is, the rest as indented JSON. */
export function shown(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value, null, 2) ?? '');
}

/** A figure under its name; a unit that the name ends with stands behind the figure. */
export function figureOf(name: string, value: unknown): { name: string; value: string } {
  const [, stem = name, unit = ''] = /^(.+)_(usd|seconds|ms|bytes)$/.exec(name) ?? [];
  const words = stem.replaceAll('_', ' ');
  if (typeof value !== 'number') return { name: words, value: shown(value) };
  const figure = grouped(value, 6);
  const units = { usd: `$${figure}`, seconds: `${figure} s`, '': figure };
  return { name: words, value: units[unit as keyof typeof units] ?? `${figure} ${unit}` };
}
