import { mount } from 'svelte';
import type { Opening } from '$lib/api/early';
import { slim } from '$lib/api/entries';
import { TaskLogs } from '$lib/api/logs';
import { apiAt } from '$lib/state/apiContext';
import EntryDetails from './EntryDetails.svelte';

/**
 * Opens the entry that the address names where it stands among the first rows, by the component
 * that the program opens it with; kept once all of it is there. The program begins after that.
 */
export async function openLinked({ base, task, linked, opened, beside }: Opening): Promise<void> {
  const inside = document.querySelector('.first-rows .linked .inside');
  const pages = await Promise.all([opened, beside]);
  const entry = pages.flatMap((page) => page?.logs ?? []).find(({ seq }) => seq === linked);
  if (!inside || !entry) return;
  inside.textContent = '';
  const logs = new TaskLogs(apiAt(base), task);
  mount(EntryDetails, { target: inside, props: { entry: slim(entry), logs } });
  await new Promise<void>((whole) => {
    const watch = new MutationObserver(() => {
      if (!inside.querySelector('dl, .problem')) return;
      watch.disconnect();
      whole();
    });
    watch.observe(inside, { childList: true, subtree: true });
  });
}
