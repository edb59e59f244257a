// The rooms of src/lib and who may import whom. The rule's message says how to put it right.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Rooms that belong to no domain, each with the rooms it may import. */
const SHARED = new Map([
  ['format', []],
  ['window', ['format']],
  ['ui', ['format']],
  ['api', ['format']],
  ['state', ['api', 'window', 'format']],
]);
const FREE_OF_FRAMEWORK = ['format', 'window', 'api'];
const OTHER_DOMAINS = 1;

/** @param {string} file */
function roomOf(file) {
  return /src\/lib\/([^/]+)\//.exec(file.replaceAll('\\', '/'))?.[1] ?? null;
}

/** @param {string} source */
function importedRoom(source) {
  return /^\$lib\/([^/]+)(\/|$)/.exec(source)?.[1] ?? null;
}

/**
 * Why `room` must not import `target`, or null where it may.
 * @param {string} room
 * @param {string} target
 * @param {Set<string>} domainsSeen other domains this file has imported so far
 */
export function objection(room, target, domainsSeen) {
  if (room === target) return null;
  const allowed = SHARED.get(room);
  if (allowed) {
    if (allowed.includes(target)) return null;
    const may = allowed.length > 0 ? allowed.join(', ') : 'no other room';
    return `lib/${room} may import ${may}. Pass what you need from lib/${target} in as an argument.`;
  }
  if (SHARED.has(target)) return null;
  domainsSeen.add(target);
  if (domainsSeen.size <= OTHER_DOMAINS) return null;
  return `lib/${room} already imports another domain. Compose the two in src/routes.`;
}

/**
 * The file that an import names, or null for one that is not ours.
 * @param {string} source
 * @param {string} from
 */
function resolveImport(source, from) {
  const root = from.slice(0, from.lastIndexOf('/src/') + 5);
  if (!source.startsWith('$lib/') && !source.startsWith('./')) return null;
  const base = source.startsWith('$lib/')
    ? path.join(root, 'lib', source.slice(5))
    : path.resolve(path.dirname(from), source);
  return [base, `${base}.ts`].find((file) => existsSync(file)) ?? null;
}

/** @param {string} file */
function importsOf(file) {
  const text = readFileSync(file, 'utf8');
  const statements = text.matchAll(/^\s*(?:import|export)\s+(?!type\b)[^'";]*?from\s+'([^']+)'/gm);
  return [...statements].flatMap((match) => resolveImport(match[1] ?? '', file) ?? []);
}

/**
 * The files on a way from `start` back to `goal`, or null.
 * @param {string} start
 * @param {string} goal
 * @param {Set<string>} seen
 * @returns {string[] | null}
 */
function wayBack(start, goal, seen = new Set()) {
  if (start === goal) return [start];
  if (seen.has(start)) return null;
  seen.add(start);
  for (const next of importsOf(start)) {
    const rest = wayBack(next, goal, seen);
    if (rest) return [start, ...rest];
  }
  return null;
}

/** @param {string} source */
function climbing(source) {
  const climbs = source.startsWith('../') && !source.endsWith('.css');
  return climbs ? 'No climbing paths: write $lib/… instead.' : null;
}

/**
 * @param {string | null} room
 * @param {string} source
 */
function framework(room, source) {
  if (!room || !FREE_OF_FRAMEWORK.includes(room) || !source.startsWith('$app/')) return null;
  return `lib/${room} knows no framework: take what you need as an argument.`;
}

/**
 * @param {string} room
 * @param {string} source
 * @param {Set<string>} domainsSeen
 */
function roomObjection(room, source, domainsSeen) {
  const target = importedRoom(source);
  return target ? objection(room, target, domainsSeen) : null;
}

/**
 * @param {string} source
 * @param {string} file
 */
function cycle(source, file) {
  const imported = resolveImport(source, file);
  const way = imported ? wayBack(imported, file) : null;
  if (!way) return null;
  const names = way.map((step) => path.basename(step)).join(' → ');
  return `An import cycle: ${names}. Move what both need into a file of its own.`;
}

/** @type {import('eslint').Rule.RuleModule} */
const rooms = {
  meta: { type: 'problem', schema: [] },
  create(context) {
    const file = context.filename.replaceAll('\\', '/');
    const room = roomOf(file);
    /** @type {Set<string>} */
    const domainsSeen = new Set();
    return {
      ImportDeclaration(node) {
        const source = String(node.source.value);
        const isType = /** @type {{importKind?: string}} */ (node).importKind === 'type';
        const objections = [
          climbing(source),
          framework(room, source),
          room && roomObjection(room, source, domainsSeen),
          isType ? null : cycle(source, file),
        ];
        for (const message of objections) if (message) context.report({ node, message });
      },
    };
  },
};

export default { rules: { rooms } };
