import { goto } from '$app/navigation';
import { resolve } from '$app/paths';
import type { ApiClient } from '$lib/api/client';
import { SavedFilters } from '$lib/state/savedFilters.svelte';
import type { Choice, Choices } from '$lib/ui/choice';
import { nameOf, PAGES } from '$lib/ui/pages';
import { tasksNamed } from './named';

/** What is chosen from anywhere: pages, saved filters and tasks; a log's own only beside its task. */
export function choicesOf(api: ApiClient, task: string | undefined): Choices {
  const ofLog = task ? saved('log', 'Saved: this log', resolve('/t/[task]/log', { task })) : [];
  const pages = PAGES.map((path) => choice(nameOf(path), 'Page', resolve(path)));
  return {
    places: [...pages, ...ofLog, ...saved('tasks', 'Saved: tasks', resolve('/'))],
    lookup: async (text, signal) =>
      (await tasksNamed(api, text, signal)).map((found) =>
        choice(found.name, 'Task', resolve('/t/[task]', { task: found.task })),
      ),
  };
}

const saved = (place: 'tasks' | 'log', group: string, href: string): Choice[] =>
  new SavedFilters(place).all.map(({ name, filter }) =>
    choice(name, group, `${href}?${new URLSearchParams(filter)}`),
  );

const choice = (name: string, group: string, href: string): Choice => ({
  ...{ name, group },
  // eslint-disable-next-line svelte/no-navigation-without-resolve -- resolved above
  run: () => void goto(href),
});
