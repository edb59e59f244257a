import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig } from 'vitest/config';

const api = process.env.TASKTRAIL_URL ?? 'http://127.0.0.1:8090';

const OPENED = /lib.(ui.(Markdown|JsonTree|Payload|CopyB)|format.(markdown|jsonTree))/;
const TABLES = /lib.(ui.(DataT|Loaded|PageM|Facts|MoreOf|Note|TextB)|api.(costs|sessions))/;
const ROOMS_OF_ALL =
  /src.lib.(?:api|format|state|window|tasks|logs|ui).(?!Mark|Js|Pay|Co|Da|Lo|Pag|Fa|Mo|No|Te|ansi|entryT|clauses|ndjson|logFind|mark|json|costs|sess|[Ss]hort|Issue|StatusB|statuses|elapsed)/;
const LIVE = /lib.(api.connec|window.(tailM|seqR)|state.followE)/;
const HEADS =
  /lib.(tasks.(StageS|Issue|StatusB|statuses|elapsed)|api.(search|files|ndjson)|ui.QueryM)/;

/** Pages that are read after one another, or seldom, share a file: alone each is larger. */
const PAGES = Object.entries({
  terminal: /lib.(logs.Terminal|format.(ansi|entryT))/,
  keys: /lib.ui.([Ss]hortcut|CommandP)/,
  work: /(lib|routes).(jobs|sessions|workers)\W/,
  cost: /(lib.cost|routes.(t.+)?cost)\W/,
  service: /(lib|routes).(ops|live)\W/,
  others: /(lib|routes).(search|settings)\W/,
  task: /(lib|routes.t.+).(files|flow|knowledge|result)\W/,
}).map(([name, test]) => ({ name, test, priority: 0 }));

export default defineConfig({
  plugins: [sveltekit()],
  build: {
    target: 'es2022',
    // Many small files come to much more than their sum: one stylesheet for all pages, and one
    // chunk each for the framework, what nearly all pages need, what is drawn only when it is
    // opened, what most pages but the log show, live connections, and what says how a task is.
    // The higher takes its modules first, with all that they need.
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'style', test: /\.css$/, priority: 5 },
            { name: 'framework', test: /node_modules/, minShareCount: 3, priority: 4 },
            { name: 'shared', test: ROOMS_OF_ALL, minShareCount: 3, priority: 3 },
            { name: 'opened', test: OPENED, minShareCount: 2, priority: 2 },
            { name: 'tables', test: TABLES, minShareCount: 2, priority: 1 },
            { name: 'live', test: LIVE, minShareCount: 2, priority: 1 },
            { name: 'heads', test: HEADS, minShareCount: 2, priority: 1 },
            ...PAGES,
          ],
        },
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
