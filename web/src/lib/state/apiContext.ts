import { createContext } from 'svelte';
import type { ApiClient } from '$lib/api/client';

/** The page's one way to the API: set by the root layout, taken by controllers' owners. */
export const [getApi, setApi] = createContext<ApiClient>();
