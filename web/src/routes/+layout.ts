// A page of files alone: everything is asked from the API by the browser.
export const ssr = false;
export const prerender = false;
