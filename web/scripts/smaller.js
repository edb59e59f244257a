// Goes over what the build made small once more: every page waits for these bytes. After all others,
// for what they write last is to be small too.
import { gzipSync } from 'node:zlib';
import { minify } from 'terser';

// Functions side by side are packed better in most files, in some worse: each takes its better way.
const WAYS = [false, true].map((hoist_funs) => ({
  ecma: /** @type {const} */ (2022),
  module: true,
  compress: { passes: 3, hoist_funs },
}));

/** @param {string} code */
const packed = (code) => gzipSync(code, { level: 9 }).length;

// Vite has each import wait for the style of what it loads; ours is one sheet, in the head already.
const WAITER = '\0vite/preload-helper.js';
const IMPORT = String.raw`\(?import\([^()]*\)(?:\.then\((?:[^()]|\([^()]*\))*\))?\)?`;
const WAITS = String.raw`,\s*(?:__vite__mapDeps\(\[[\d,]*\]\)|\[\]),\s*import\.meta\.url\)`;
const BARE = new RegExp(String.raw`[\w$]+\(\(\)\s*=>\s*(${IMPORT})${WAITS}`, 'g');
const TAKEN = new RegExp(
  String.raw`[\w$]+\((async\s*\(\)\s*=>\s*\{[^()]*${IMPORT}[^()]*\})${WAITS}`,
  'g',
);

/** @param {string} code */
const unwaiting = (code) => code.replace(BARE, '$1').replace(TAKEN, '($1)()');

/**
 * Twice: what was made small once shows more that can go.
 * @param {string} code
 * @param {import('terser').MinifyOptions} way
 */
async function minified(code, way) {
  const once = await minify(code, way);
  return (await minify(once.code || code, way)).code || code;
}

/** @returns {import('vite').Plugin} */
export function smaller() {
  return {
    name: 'smaller',
    apply: 'build',
    enforce: 'post',
    load: {
      order: 'pre',
      handler: (id) => (id === WAITER ? 'export const __vitePreload = (load) => load();' : null),
    },
    generateBundle: {
      order: 'post',
      async handler(_options, bundle) {
        if (this.environment.name !== 'client') return;
        for (const chunk of Object.values(bundle)) {
          if (chunk.type !== 'chunk') continue;
          const made = await Promise.all(WAYS.map((way) => minified(unwaiting(chunk.code), way)));
          chunk.code = made.sort((a, b) => packed(a) - packed(b))[0] ?? chunk.code;
        }
      },
    },
  };
}
