// Goes over what the build made small once more: every page waits for these bytes.
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

/** @returns {import('vite').Plugin} */
export function smaller() {
  return {
    name: 'smaller',
    apply: 'build',
    async generateBundle(_options, bundle) {
      if (this.environment.name !== 'client') return;
      for (const chunk of Object.values(bundle)) {
        if (chunk.type !== 'chunk') continue;
        const tried = await Promise.all(WAYS.map((way) => minify(chunk.code, way)));
        const made = tried.map(({ code }) => code || chunk.code);
        chunk.code = made.sort((a, b) => packed(a) - packed(b))[0] ?? chunk.code;
      }
    },
  };
}
