import { createContext } from 'svelte';
import { ApiClient } from '$lib/api/client';
import { withEarly } from '$lib/api/early';
import { withKey } from '$lib/api/key';

/** The page's one way to the API: set by the root layout, taken by controllers' owners. */
export const [getApi, setApi] = createContext<ApiClient>();

/** The API of the server that this page came from; `base` is the path it is served under. */
export const apiAt = (base: string): ApiClient =>
  new ApiClient(base, location.origin, withEarly(withKey(fetch.bind(globalThis))));
