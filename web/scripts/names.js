// Lets whatever a task, session or worker is called stand in an address. Kit's `resolve` takes a
// parameter as it is, and throws for one with a slash at an end: a single such name would keep every
// list it is in from being shown. Kit itself decodes what it finds in an address.
const TAKEN_AS_IT_IS = /if \(param_value\.startsWith\('\/'\)[^]*?return param_value;/;

/** @returns {import('vite').Plugin} */
export function encodedNames() {
  return {
    name: 'encoded-names',
    enforce: 'pre',
    transform(code, id) {
      if (!id.endsWith('/kit/src/utils/routing.js')) return null;
      if (!TAKEN_AS_IT_IS.test(code))
        throw new Error(`${id}: expected resolve_route to be as known`);
      return code.replace(TAKEN_AS_IT_IS, 'return encodeURIComponent(param_value);');
    },
  };
}
