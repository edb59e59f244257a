// Fails when the built pages grew beyond their budget. Sizes are gzipped kB (1,000 bytes).
//
// The initial script of a page is all that the browser runs before its first rows: the router's
// two entries, every layout around the page, the error pages that are fetched with them, and what
// each of these imports. What is imported later, by a press or after the first rows, is not in it.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

const ROOT = path.join(import.meta.dirname, '../.svelte-kit');
const CLIENT = path.join(ROOT, 'output/client');
const MAP = path.join(ROOT, 'generated/client-optimized/app.js');
const BUDGET = { initialScript: 60, allScript: 150, style: 12 };
const ROOT_LAYOUT = 0;
const ROOT_ERROR = 1;

/** @typedef {{ file: string, imports?: string[], css?: string[] }} Chunk */
/** @type {Record<string, Chunk>} */
const manifest = JSON.parse(readFileSync(path.join(CLIENT, '.vite/manifest.json'), 'utf8'));
const keys = Object.keys(manifest);

/** @param {Iterable<string>} files */
function kilobytes(files) {
  let bytes = 0;
  for (const file of files)
    bytes += gzipSync(readFileSync(path.join(CLIENT, file)), { level: 9 }).length;
  return bytes / 1_000;
}

/**
 * Adds every chunk that is loaded with `key`.
 * @param {string} key
 * @param {Set<string>} seen
 */
function follow(key, seen) {
  if (seen.has(key)) return;
  seen.add(key);
  for (const next of manifest[key]?.imports ?? []) follow(next, seen);
}

/** @param {number} number */
function node(number) {
  const key = keys.find((one) => one.endsWith(`client-optimized/nodes/${number}.js`));
  if (!key) throw new Error(`${MAP} names node ${number}, which is not built: npm run build`);
  return key;
}

/**
 * The pages, each with the numbers of the nodes it is made of, as the router itself is told.
 * @returns {[route: string, nodes: number[]][]}
 */
function routes() {
  const lines = readFileSync(MAP, 'utf8').matchAll(/^\s*"(\/[^"]*)": (\[.*?\]),?$/gm);
  return [...lines].map(([, route = '', numbers = '']) => {
    const found = (numbers.match(/\d+/g) ?? []).map(Number);
    return [route, [ROOT_LAYOUT, ROOT_ERROR, ...found]];
  });
}

const always = keys.filter((key) => /entry\/(start|app)\.js$|client-optimized\/app\.js$/.test(key));
const initial = routes().map(([route, nodes]) => {
  /** @type {Set<string>} */
  const seen = new Set();
  for (const key of [...always, ...nodes.map(node)]) follow(key, seen);
  return { route, size: kilobytes([...seen].flatMap((key) => manifest[key]?.file ?? [])) };
});
if (initial.length === 0 || always.length === 0) throw new Error('build first: npm run build');

const scripts = new Set(
  Object.values(manifest).flatMap(({ file }) => (file.endsWith('.js') ? [file] : [])),
);
const styles = new Set(
  Object.values(manifest).flatMap(({ file, css = [] }) => [
    ...css,
    ...(file.endsWith('.css') ? [file] : []),
  ]),
);
const largest = initial.toSorted((a, b) => b.size - a.size)[0];
const measured = {
  initialScript: largest?.size ?? 0,
  allScript: kilobytes(scripts),
  style: kilobytes(styles),
};

if (process.argv.includes('--pages'))
  for (const { route, size } of initial) console.log(`     ${size.toFixed(1)} kB ${route}`);
let isOver = false;
for (const [name, budget] of Object.entries(BUDGET)) {
  const size = measured[/** @type {keyof typeof BUDGET} */ (name)];
  isOver ||= size > budget;
  const which = name === 'initialScript' ? ` (${largest?.route})` : '';
  console.log(
    `${size > budget ? 'OVER' : 'ok  '} ${name}: ${size.toFixed(1)} of ${budget} kB${which}`,
  );
}
process.exit(isOver ? 1 : 0);
