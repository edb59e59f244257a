// Which file a module is built into. Many small files come to much more than their sum, and one
// large file makes every page wait for what others need; so:
//
//   basics, rows       what draws the log's first rows before all else; other pages have the one too
//   framework, first   what the log needs to begin, and others too: every page has them
//   opened             what no page needs before somebody opens something
//   more               what else several pages share
//   a file per room    of pages that are read after one another, or seldom
//
// Who needs what is found by following the imports from the pages: no module is named here.
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { FIRST } from './built.js';

/** @typedef {{ getModuleInfo: (id: string) => { importedIds: readonly string[] } | null }} Graph */

const ROUTES = path.join(import.meta.dirname, '../src/routes');
const LOG = 't/[task]/log';
const OF_LOG = [
  '+layout.ts',
  '+layout.svelte',
  '+error.svelte',
  't/[task]/+layout.svelte',
  `${LOG}/+page.svelte`,
];
const FOLDER = /\/src\/(?:lib|routes(?:\/t\/\[task\])?)\/(\w+)\//;

/** Folders of lib and routes whose pages share a file. */
const ROOMS = new Map(
  Object.entries({
    work: ['jobs', 'sessions', 'workers'],
    service: ['ops', 'live'],
    others: ['search', 'settings', 'help'],
    cost: ['cost'],
    task: ['files', 'flow', 'knowledge', 'result'],
  }).flatMap(([name, folders]) => folders.map((folder) => [folder, name])),
);

/**
 * All that the files of routes need to run.
 * @param {readonly string[]} files
 * @param {Graph} graph
 */
function neededBy(files, graph) {
  /** @type {Set<string>} */
  const found = new Set();
  const waiting = files.map((file) => path.resolve(ROUTES, file));
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (found.has(id)) continue;
    found.add(id);
    waiting.push(...(graph.getModuleInfo(id)?.importedIds ?? []));
  }
  return found;
}

/** The groups of a build, the ones that choose first before the others. */
export function groups() {
  /** @type {Record<'ofRows' | 'ofLog' | 'ofPages' | 'ofOthers', Set<string>> | undefined} */
  let needed;
  const pages = readdirSync(ROUTES, { recursive: true, encoding: 'utf8' });
  const others = pages.filter((page) => !page.startsWith(LOG));

  /** @param {string} id */
  const roomOf = (id) => ROOMS.get(FOLDER.exec(id)?.[1] ?? '') ?? null;

  /** @param {string} id @param {Graph} graph */
  function shared(id, graph) {
    needed ??= {
      ofRows: neededBy([path.resolve(FIRST)], graph),
      ofLog: neededBy(OF_LOG, graph),
      ofPages: neededBy(pages, graph),
      ofOthers: neededBy(others, graph),
    };
    if (needed.ofRows.has(id)) return needed.ofOthers.has(id) ? 'basics' : 'rows';
    if (needed.ofLog.has(id)) return id.includes('/node_modules/') ? 'framework' : 'first';
    if (roomOf(id)) return null;
    return needed.ofPages.has(id) ? 'more' : 'opened';
  }

  return [
    { name: 'style', test: /\.css$/, priority: 2 },
    { name: shared, debugName: 'shared', minShareCount: 2, priority: 1 },
    { name: roomOf, debugName: 'rooms', priority: 0 },
  ];
}
