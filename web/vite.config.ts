import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig } from 'vitest/config';
import { groups } from './scripts/chunks.js';
import { firstRows, firstScript } from './scripts/first.js';
import { namedImports } from './scripts/named.js';
import { encodedNames } from './scripts/names.js';
import { smaller } from './scripts/smaller.js';

const api = process.env.TASKTRAIL_URL ?? 'http://127.0.0.1:8090';

export default defineConfig({
  plugins: [encodedNames(), namedImports(), sveltekit(), firstRows(), smaller(), firstScript()],
  build: {
    target: 'es2022',
    modulePreload: false, // its lists of files cost every page more than they save the few that wait
    rolldownOptions: {
      output: {
        codeSplitting: { groups: groups() },
      },
    },
  },
  server: {
    port: 5173,
    proxy: {
      '/api': api,
      '/health': api,
      '/ws': { target: api, ws: true },
    },
  },
  test: { include: ['src/**/*.test.ts', 'eslint/**/*.test.js'], environment: 'node' },
});
