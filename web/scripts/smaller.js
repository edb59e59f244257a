// Goes over what the build made small once more: every page waits for these bytes.
import { minify } from 'terser';

const OPTIONS = { ecma: /** @type {const} */ (2022), module: true, compress: { passes: 3 } };

/** @returns {import('vite').Plugin} */
export function smaller() {
  return {
    name: 'smaller',
    apply: 'build',
    async generateBundle(_options, bundle) {
      if (this.environment.name !== 'client') return;
      for (const chunk of Object.values(bundle)) {
        if (chunk.type !== 'chunk') continue;
        const { code } = await minify(chunk.code, OPTIONS);
        if (code) chunk.code = code;
      }
    },
  };
}
