// Has the page ask for the log's own program at once. Kit names what every page needs in the head;
// the rest it asks for when that has run, which is a way to the server and back later.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { followed, manifestOf, nodeKey, routes } from './built.js';

const ROUTE = '/t/[task]/log';

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

/** @param {readonly string[]} files */
const script = (files) => `<script>
      if (/\\/t\\/[^/]+\\/log\\/?$/.test(location.pathname))
        for (const href of ${JSON.stringify(files)})
          document.head.append(Object.assign(document.createElement('link'), { rel: 'modulepreload', href }));
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
          if (at < 0) throw new Error(`${to} names no files that it needs`);
          writeFileSync(
            path.resolve(to),
            page.slice(0, at) + script(filesOf(page)) + page.slice(at),
          );
        },
      }),
  };
}
