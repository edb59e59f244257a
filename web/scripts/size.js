// Fails when the built pages grew beyond their budget. Sizes are gzipped kB (1,000 bytes).
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';

const CLIENT = path.join(import.meta.dirname, '../.svelte-kit/output/client');
const BUDGET = { initialScript: 60, allScript: 150, style: 12 };

/** @typedef {{ file: string, imports?: string[], css?: string[] }} Chunk */
/** @type {Record<string, Chunk>} */
const manifest = JSON.parse(readFileSync(path.join(CLIENT, '.vite/manifest.json'), 'utf8'));

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

const keys = Object.keys(manifest);
const pages = keys.filter((key) => /client-optimized\/nodes\/\d+\.js$/.test(key));
const always = keys.filter((key) => /entry\/(start|app)\.js$|client-optimized\/app\.js$/.test(key));
if (pages.length === 0 || always.length === 0) throw new Error('build first: npm run build');

const layouts = pages.filter((key) => /nodes\/[01]\.js$/.test(key));
const initial = pages.map((page) => {
  /** @type {Set<string>} */
  const seen = new Set();
  for (const key of [...always, ...layouts, page]) follow(key, seen);
  return kilobytes([...seen].flatMap((key) => manifest[key]?.file ?? []));
});

const scripts = new Set(
  Object.values(manifest).flatMap(({ file }) => (file.endsWith('.js') ? [file] : [])),
);
const styles = new Set(
  Object.values(manifest).flatMap(({ file, css = [] }) => [
    ...css,
    ...(file.endsWith('.css') ? [file] : []),
  ]),
);
const measured = {
  initialScript: Math.max(...initial),
  allScript: kilobytes(scripts),
  style: kilobytes(styles),
};

let isOver = false;
for (const [name, budget] of Object.entries(BUDGET)) {
  const size = measured[/** @type {keyof typeof BUDGET} */ (name)];
  isOver ||= size > budget;
  console.log(`${size > budget ? 'OVER' : 'ok  '} ${name}: ${size.toFixed(1)} of ${budget} kB`);
}
process.exit(isOver ? 1 : 0);
