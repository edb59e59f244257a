// What a build is made of: its chunks, what each imports, and which of them a page begins with.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.join(import.meta.dirname, '../.svelte-kit');
const MAP = path.join(ROOT, 'generated/client-optimized/app.js');
const ROOT_LAYOUT = 0;
const ROOT_ERROR = 1;

export const CLIENT = path.join(ROOT, 'output/client');

export const CHUNKS = '_app/immutable/chunks';

/** @typedef {{ file: string, imports?: string[], css?: string[] }} Chunk */
/** @typedef {Record<string, Chunk>} Manifest */

/** What a log's first rows are drawn by. */
export const FIRST = 'src/lib/logs/first.ts';

/** Every chunk, but for the one that became a script (first.js). @returns {Manifest} */
export function manifestOf() {
  const all = JSON.parse(readFileSync(path.join(CLIENT, '.vite/manifest.json'), 'utf8'));
  return Object.fromEntries(Object.entries(all).filter(([key]) => key !== FIRST));
}

/** The script that draws a log's first rows (first.js); no manifest names it. */
export function firstScript() {
  const name = chunks().find((one) => one.startsWith('first.'));
  if (!name) throw new Error(`expected ${CHUNKS}/first.*.js, which is not built: npm run build`);
  return `${CHUNKS}/${name}`;
}

const chunks = () => readdirSync(path.join(CLIENT, CHUNKS));

/** What a module that stands in that script is taken from it by. @param {string} file */
export const takenName = (file) => file.replace(/\.js$/, '.taken.js');

/** The modules that stand in that script. */
export const inFirstScript = () =>
  new Set(
    chunks()
      .filter((name) => name.endsWith('.taken.js'))
      .map((name) => `${CHUNKS}/${name.replace('.taken.js', '.js')}`),
  );

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
