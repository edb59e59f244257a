// Builds what draws the log's first rows into one script that runs while the page is read: modules
// would run only when the browser has read all of the page and drawn it once, empty. In that page
// the program's modules take what they share with the script from there, by its import map, so
// nothing is sent twice; other pages have those modules as they are.
import { createHash } from 'node:crypto';
import { CHUNKS, FIRST, takenName } from './built.js';

/** @typedef {import('rolldown').OutputChunk} Chunk */
/** @typedef {Record<string, { type: string }>} Bundle */

const PARTS = 'window.firstParts'; // each by the name of its chunk
const IMPORT = /import\{([^}]*)\}from"\.\/([^"]+)";?/g;
const EXPORT = /export\{([^}]*)\};?/;
const LEFT = /(?:^|[;}])(?:import|export)\s*["'{*]/;

/** @returns {import('vite').Plugin} */
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

/**
 * Behind all that makes chunks smaller.
 * @returns {import('vite').Plugin}
 */
export function firstScript() {
  return {
    name: 'first-script',
    apply: 'build',
    enforce: 'post',
    generateBundle: {
      order: 'post',
      handler(_options, bundle) {
        if (this.environment.name !== 'client') return;
        const chunks = loadedWith(bundle);
        const source = scriptOf(chunks);
        const mark = createHash('sha256').update(source).digest('base64url').slice(0, 8);
        this.emitFile({ type: 'asset', fileName: `${CHUNKS}/first.${mark}.js`, source });
        for (const chunk of chunks) {
          const fileName = takenName(chunk.fileName);
          if (chunk.exports.length > 0)
            this.emitFile({ type: 'asset', fileName, source: takenFrom(chunk) });
          else Reflect.deleteProperty(bundle, chunk.fileName); // nobody imports it
        }
      },
    },
  };
}

/**
 * The chunk that begins, behind all that it imports.
 * @param {Bundle} bundle
 * @returns {Chunk[]}
 */
function loadedWith(bundle) {
  const all = /** @type {Chunk[]} */ (Object.values(bundle).filter(({ type }) => type === 'chunk'));
  /** @type {Set<Chunk>} */
  const found = new Set();
  /** @param {Chunk | undefined} chunk */
  const visit = (chunk) => {
    if (!chunk || found.has(chunk)) return;
    for (const name of chunk.imports) visit(all.find(({ fileName }) => fileName === name));
    found.add(chunk);
  };
  visit(all.find(({ facadeModuleId }) => facadeModuleId?.endsWith(`/${FIRST}`)));
  if (found.size === 0) throw new Error(`expected a chunk of ${FIRST}, found none`);
  return [...found];
}

/** @param {readonly Chunk[]} chunks */
const scriptOf = (chunks) => `(()=>{"use strict";${PARTS}={};${chunks.map(partOf).join('')}})();`;

/** @param {Chunk} chunk */
function partOf({ fileName, code }) {
  const taken = code.replace(IMPORT, (_, names, from) => `let{${swapped(names)}}=${part(from)};`);
  const [, given = ''] = EXPORT.exec(taken) ?? [];
  const body = taken.replace(EXPORT, '');
  if (LEFT.test(body)) throw new Error(`${fileName} imports or exports in a way not known here`);
  return `${part(fileName)}=(()=>{${body};return{${swapped(given, true)}}})();`;
}

/** The module that stands in a chunk's place in the log's page. @param {Chunk} chunk */
const takenFrom = ({ fileName, exports }) => `export const{${exports.join()}}=${part(fileName)};`;

/** @param {string} file */
const part = (file) => `${PARTS}["${file.split('/').at(-1)}"]`;

/**
 * `a as b` as a pattern or an object spells it.
 * @param {string} names
 * @param {boolean} [isGiven] what is exported is named behind, what is imported before
 */
const swapped = (names, isGiven = false) =>
  names
    .split(',')
    .filter(Boolean)
    .map((one) => one.trim().split(' as '))
    .map(([from = '', to = from]) => (isGiven ? `${to}:${from}` : `${from}:${to}`))
    .join();
