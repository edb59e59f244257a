// Has each page ask for its own program at once. Kit names what every page needs in the head; the
// rest it asks for when that has run, which is three ways to the server and back later.
//
// The page of a log is another one, log.html: what draws its first rows comes before all else, and
// the program is asked for when they are drawn, for what the browser does meanwhile they wait for.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import {
  firstScript,
  followed,
  inFirstScript,
  manifestOf,
  nodeKey,
  routes,
  takenName,
} from './built.js';

const COMMON = '_app/immutable/';
const LOG = '/t/[task]/log';
const DETAILS = 'src/lib/logs/firstDetails.ts'; // of a linked entry
const NAMED = /<link href="\/([^"]+)" rel="modulepreload">/g;
const SHEET = /<link href="[^"]+" rel="stylesheet">/;
const ANSWERS = '<!-- first answers -->'; // where the server puts them
const BEGINS = /Promise\.all\((\[[^]*?\])\)\.then\(/;
const BEHIND = `new Promise((read) => addEventListener('DOMContentLoaded', () => read(window.shown)))`;
const ASK = `(file) =>
          document.head.append(
            Object.assign(document.createElement('link'), { rel: 'modulepreload', href: '/' + file }),
          )`;

/** @param {string} page @param {string | RegExp} what @param {(found: string) => string} made */
function changed(page, what, made) {
  const after = page.replace(what, made);
  if (after === page) throw new Error(`expected ${what} in the built page`);
  return after;
}

/**
 * The files of modules and of all that they import, but for some.
 * @param {readonly string[]} keys
 * @param {readonly string[]} without
 */
function filesOf(keys, without) {
  const manifest = manifestOf();
  const files = [...followed(manifest, keys)].map((key) => manifest[key]?.file ?? '');
  return files.filter((file) => !without.includes(file));
}

/** @param {readonly number[]} nodes */
const keysOf = (nodes) => nodes.map((number) => nodeKey(manifestOf(), number));

/** What the head names: every page needs it. @param {string} page */
const namedIn = (page) => [...page.matchAll(NAMED)].map(([, file = '']) => file);

/**
 * A page that asks for the files of its own route; each file is named once.
 * @param {string} page
 */
function pageOfRoutes(page) {
  const named = namedIn(page);
  const pages = routes().map(([route, nodes]) => ({
    route: route.replace(/\[\w+\]/g, '[^/]+').replace(/^\/$/, ''),
    own: filesOf(keysOf(nodes), named),
  }));
  const files = [...new Set(pages.flatMap(({ own }) => own))];
  const of = pages.map(({ route, own }) => [route, own.map((file) => files.indexOf(file))]);
  const asking = `<script>
      {
        const files = ${JSON.stringify(files.map((file) => file.replace(COMMON, '')))};
        const pages = ${JSON.stringify(of)};
        const own = pages.find(([route]) => new RegExp('^' + route + '/?$').test(location.pathname));
        (own?.[1] ?? []).map((number) => '${COMMON}' + files[number]).forEach(${ASK});
      }
    </script>
    `;
  return changed(page, ANSWERS, () => asking + ANSWERS);
}

/**
 * The page of a log.
 * @param {string} page
 */
function pageOfLog(page) {
  const inScript = inFirstScript();
  /** @param {string} file */
  const taken = (file) => (inScript.has(file) ? takenName(file) : file);
  const [, nodes = []] = routes().find(([route]) => route === LOG) ?? [];
  const named = namedIn(page);
  const program = [...named, ...filesOf(keysOf(nodes), named)].map(taken);
  const details = filesOf([DETAILS], []).map(taken);
  const script = `/${firstScript()}`;
  const pairs = [...inScript].map((file) => [`/${file}`, `/${taken(file)}`]);
  const imports = JSON.stringify({ imports: Object.fromEntries(pairs) });
  const begun = changed(page.replaceAll(NAMED, ''), BEGINS, (found) =>
    // the program begins once the first rows are drawn, and what draws them is there
    found.replace(BEGINS, `${BEHIND}.then(() => Promise.all($1)).then(`),
  );
  const headed = changed(
    begun,
    ANSWERS,
    () => `<link href="${script}" rel="preload" as="script">
    <script type="importmap">${imports}</script>
    ${ANSWERS}`,
  );
  return changed(
    headed,
    '</body>',
    () => `<script src="${script}"></script>
    <script>
      {
        const [program, details] = ${JSON.stringify([program, details])};
        const ask = (files) => files.forEach(${ASK});
        const { opening } = window;
        if (opening?.linked) {
          ask(details); // a linked entry is drawn when its page is there, and opened then
          opening.beside.then(() => setTimeout(() => ask(program)));
        } else ask(program);
      }
    </script>
  </body>`,
  );
}

/**
 * Has the sheet wait for nothing, and no script wait for the sheet but what draws.
 * @param {string} page
 */
function withSheetLast(page) {
  let sheet = '';
  const bare = changed(page, SHEET, (link) => {
    sheet = link;
    return link.replace('rel="stylesheet"', 'rel="preload" as="style"');
  });
  return changed(bare, '</head>', () => `  ${sheet}\n  </head>`);
}

/**
 * An adapter whose pages ask for their files.
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
          const page = withSheetLast(readFileSync(to, 'utf8'));
          writeFileSync(path.resolve(to), pageOfRoutes(page));
          writeFileSync(path.resolve(path.dirname(to), 'log.html'), pageOfLog(page));
        },
      }),
  };
}
