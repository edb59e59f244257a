import adapter from '@sveltejs/adapter-static';
import { vitePreprocess } from '@sveltejs/vite-plugin-svelte';
import path from 'node:path';
import { askingEarly } from './scripts/early.js';

// The Python package serves this folder; it is built, never committed.
const output = '../src/tasktrail/server/_web';

/** @type {Record<string, string>} */
const OF_ROWS = {
  'LogViewport.svelte': 's-rows',
  'LogEntryRow.svelte': 's-entry',
  'Meter.svelte': 's-meter',
  'TimesBadge.svelte': 's-times',
};

/** @type {import('@sveltejs/kit').Config} */
export default {
  // Short names for what keeps the styles of components apart: they stand in every selector. Those
  // of a row are known to lib/logs/firstRow.ts, which draws rows without these components.
  compilerOptions: {
    runes: true,
    cssHash: ({ hash, filename = '' }) =>
      OF_ROWS[path.basename(filename)] ?? `s${hash(filename).slice(0, 4)}`,
  },
  preprocess: vitePreprocess(),
  kit: {
    adapter: askingEarly(
      adapter({ pages: output, assets: output, fallback: 'index.html', precompress: true }),
    ),
    // The default is the time of the build; a digest of the sources makes two builds byte-equal.
    version: { name: (process.env.TASKTRAIL_WEB_DIGEST ?? 'by-hand').slice(0, 16) },
  },
};
