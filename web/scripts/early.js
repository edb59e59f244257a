// Has the page ask for the log's own program at once. Kit names what every page needs in the head;
// the rest it asks for when that has run, which is a way to the server and back later. What draws
// the log's first rows runs before all of it.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { followed, manifestOf, nodeKey, routes } from './built.js';

const ROUTE = '/t/[task]/log';
export const FIRST = 'src/lib/logs/first.ts';
const BEGINS = /Promise\.all\((\[[^]*?\])\)\.then\(/;

// The program begins once the first rows are drawn, where the page draws any.
const BEGIN_AFTER = 'Promise.resolve(window.shown).then(() => Promise.all($1)).then(';

/** @param {string} page what the head names already is left out */
function filesOf(page) {
  const manifest = manifestOf();
  const nodes = routes().find(([route]) => route === ROUTE)?.[1] ?? [];
  const keys = followed(
    manifest,
    nodes.map((number) => nodeKey(manifest, number)),
  );
  const files = [...keys].map((key) => `/${manifest[key]?.file}`);
  return files.filter((file) => !page.includes(`"${file}" rel="modulepreload"`));
}

/** @param {readonly string[]} files @param {string} first */
const script = (files, first) => `<script>
      if (/\\/t\\/[^/]+\\/log\\/?$/.test(location.pathname)) {
        if (window.opening) import('${first}').catch(window.opening.drawn);
        for (const href of ${JSON.stringify(files)})
          document.head.append(Object.assign(document.createElement('link'), { rel: 'modulepreload', href }));
      }
    </script>
  `;

/**
 * An adapter whose page asks for the log's files.
 * @param {import('@sveltejs/kit').Adapter} adapter
 * @returns {import('@sveltejs/kit').Adapter}
 */
export function askingEarly(adapter) {
  return {
    ...adapter,
    adapt: (builder) =>
      adapter.adapt({
        ...builder,
        async generateFallback(to) {
          await builder.generateFallback(to);
          const page = readFileSync(to, 'utf8');
          // before the style sheet: a script behind it would wait for it
          const at = page.indexOf('<link href="/');
          if (at < 0 || !BEGINS.test(page)) throw new Error(`${to} names no files that it needs`);
          const first = `/${manifestOf()[FIRST]?.file}`;
          writeFileSync(
            path.resolve(to),
            page.slice(0, at) +
              script(filesOf(page), first) +
              page.slice(at).replace(BEGINS, BEGIN_AFTER),
          );
        },
      }),
  };
}

/**
 * Builds what draws the first rows into a file of its own beside the program.
 * @returns {import('vite').Plugin}
 */
export function firstRows() {
  return {
    name: 'first-rows',
    apply: 'build',
    buildStart() {
      if (this.environment.name !== 'client') return;
      this.emitFile({ type: 'chunk', id: FIRST, name: 'first' });
    },
  };
}
