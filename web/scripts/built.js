// What a build is made of: its chunks, what each imports, and which of them a page begins with.
import { readFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.join(import.meta.dirname, '../.svelte-kit');
const MAP = path.join(ROOT, 'generated/client-optimized/app.js');
const ROOT_LAYOUT = 0;
const ROOT_ERROR = 1;

export const CLIENT = path.join(ROOT, 'output/client');

/** @typedef {{ file: string, imports?: string[], css?: string[] }} Chunk */
/** @typedef {Record<string, Chunk>} Manifest */

/** @returns {Manifest} */
export const manifestOf = () =>
  JSON.parse(readFileSync(path.join(CLIENT, '.vite/manifest.json'), 'utf8'));

/**
 * All chunks that are loaded with these.
 * @param {Manifest} manifest
 * @param {readonly string[]} keys
 */
export function followed(manifest, keys) {
  /** @type {Set<string>} */
  const seen = new Set();
  const waiting = [...keys];
  for (let key = waiting.pop(); key !== undefined; key = waiting.pop()) {
    if (seen.has(key)) continue;
    seen.add(key);
    waiting.push(...(manifest[key]?.imports ?? []));
  }
  return seen;
}

/** @param {Manifest} manifest @param {number} number */
export function nodeKey(manifest, number) {
  const end = `client-optimized/nodes/${number}.js`;
  const key = Object.keys(manifest).find((one) => one.endsWith(end));
  if (!key) throw new Error(`${MAP} names node ${number}, which is not built: npm run build`);
  return key;
}

/**
 * The pages, each with the numbers of the nodes it is made of, as the router itself is told.
 * @returns {[route: string, nodes: number[]][]}
 */
export function routes() {
  const lines = readFileSync(MAP, 'utf8').matchAll(/^\s*"(\/[^"]*)": (\[.*?\]),?$/gm);
  return [...lines].map(([, route = '', numbers = '']) => {
    const found = (numbers.match(/\d+/g) ?? []).map(Number);
    return [route, [ROOT_LAYOUT, ROOT_ERROR, ...found]];
  });
}
