import { redirect } from '@sveltejs/kit';
import { resolve } from '$app/paths';
import type { PageLoad } from './$types';

/** A task's own address opens its log. */
export const load: PageLoad = ({ params }) => {
  redirect(307, resolve('/t/[task]/log', { task: params.task }));
};
