// Has each page ask for its own program at once. Kit names what every page needs in the head; the
// rest it asks for when that has run, which is three ways to the server and back later. What draws
// the log's first rows runs before all of it.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { followed, manifestOf, nodeKey, routes } from './built.js';

export const FIRST = 'src/lib/logs/first.ts';
const COMMON = '_app/immutable/';
const DETAILS = 'src/lib/logs/firstDetails.ts'; // of a linked entry
const BEGINS = /Promise\.all\((\[[^]*?\])\)\.then\(/;

// The program begins once the first rows are drawn, where the page draws any.
const BEGIN_AFTER = 'Promise.resolve(window.shown).then(() => Promise.all($1)).then(';

/**
 * The files of each page, and those that a linked entry is opened with.
 * @param {string} page what the head names already is left out
 */
function filesOf(page) {
  const manifest = manifestOf();
  /** @param {readonly string[]} keys */
  const of = (keys) =>
    [...followed(manifest, keys)]
      .map((key) => manifest[key]?.file ?? '')
      .filter((file) => !page.includes(`"/${file}" rel="modulepreload"`));
  return {
    pages: routes().map(([route, nodes]) => ({
      route: route.replace(/\[\w+\]/g, '[^/]+').replace(/^\/$/, ''),
      files: of(nodes.map((number) => nodeKey(manifest, number))),
    })),
    details: of([DETAILS]),
  };
}

/**
 * Each file is named once, and pages say which of them are theirs.
 * @param {ReturnType<typeof filesOf>} found
 * @param {string} first
 */
function script({ pages, details }, first) {
  const files = [...new Set([...pages.flatMap((page) => page.files), ...details])];
  /** @param {readonly string[]} some */
  const numbers = (some) => some.map((file) => files.indexOf(file));
  const of = pages.map(({ route, files: own }) => [route, numbers(own)]);
  return `<script>
      {
        const files = ${JSON.stringify(files.map((file) => file.replace(COMMON, '')))};
        const pages = ${JSON.stringify(of)};
        const own = pages.find(([route]) => new RegExp('^' + route + '/?$').test(location.pathname));
        const { opening } = window;
        const ask = (numbers) => {
          for (const number of numbers) {
            const href = '/${COMMON}' + files[number];
            const link = document.createElement('link');
            document.head.append(Object.assign(link, { rel: 'modulepreload', href }));
          }
        };
        if (opening) import('/${first}').catch(opening.drawn);
        ask(own?.[1] ?? []);
        // behind the answer that the rows are drawn from, which it would keep waiting
        if (opening?.linked) opening.opened.then(() => ask(${JSON.stringify(numbers(details))}));
      }
    </script>
  `;
}

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
          const first = manifestOf()[FIRST]?.file ?? '';
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
