/** The pages that the navigation and the palette offer, by their routes. */
export const PAGES = [
  '/',
  '/live',
  '/sessions',
  '/workers',
  '/jobs',
  '/search',
  '/cost',
  '/ops',
  '/settings',
  '/help',
] as const;

export function nameOf(path: string): string {
  return path === '/' ? 'Tasks' : path.charAt(1).toUpperCase() + path.slice(2);
}

/** Whether the route is the page or stands below it; a task's pages stand below the list of tasks. */
export function isAt(route: string, path: string): boolean {
  if (path === '/') return /^\/(t\/.*)?$/.test(route);
  return `${route}/`.startsWith(`${path}/`);
}
