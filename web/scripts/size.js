// Fails when the built pages grew beyond their budget. Sizes are gzipped kB (1,000 bytes).
//
// The initial script of a page is all that the browser runs before its first rows: the router's
// two entries, every layout around the page, the error pages that are fetched with them, what each
// of these imports, and in a log what draws its first rows. What is imported later, by a press or after the first rows, is not in it.
// All script is what one visit loads that opens everything.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import {
  CLIENT,
  firstScript,
  followed,
  inFirstScript,
  manifestOf,
  nodeKey,
  routes,
  takenName,
} from './built.js';

const LOG = '/t/[task]/log';
const BUDGET = { initialScript: 60, allScript: 150, style: 12 };

const manifest = manifestOf();
const keys = Object.keys(manifest);

/** @param {Iterable<string>} files */
function kilobytes(files) {
  let bytes = 0;
  for (const file of files)
    bytes += gzipSync(readFileSync(path.join(CLIENT, file)), { level: 9 }).length;
  return bytes / 1_000;
}

/**
 * The same where a log is opened first: what is in its first script is not sent twice.
 * @param {readonly string[]} files
 */
function withFirst(files) {
  const inScript = inFirstScript();
  return [firstScript(), ...files.map((file) => (inScript.has(file) ? takenName(file) : file))];
}

const always = keys.filter((key) => /entry\/(start|app)\.js$|client-optimized\/app\.js$/.test(key));
const initial = routes().map(([route, nodes]) => {
  const seen = followed(manifest, [...always, ...nodes.map((number) => nodeKey(manifest, number))]);
  const files = [...seen].flatMap((key) => manifest[key]?.file ?? []);
  return { route, size: kilobytes(route === LOG ? withFirst(files) : files) };
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
  allScript: Math.max(kilobytes(scripts), kilobytes(withFirst([...scripts]))),
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
