// Leaves out of the program what Kit does not need of Svelte. Kit takes Svelte apart as a whole, and
// so all of it came along: 0.8 kB of what each page begins with.
const TAKEN_APART = 'const { onMount, tick } = svelte;';

/** @returns {import('vite').Plugin} */
export function namedImports() {
  return {
    name: 'named-imports',
    enforce: 'pre',
    transform(code, id) {
      if (!id.endsWith('/kit/src/runtime/client/client.js')) return null;
      if (!code.includes(TAKEN_APART)) throw new Error(`${id}: expected ${TAKEN_APART}`);
      return code.replace(TAKEN_APART, 'const onMount = svelte.onMount, tick = svelte.tick;');
    },
  };
}
