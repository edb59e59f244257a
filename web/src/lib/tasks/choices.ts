import { goto } from '$app/navigation';
import { resolve } from '$app/paths';
import type { ApiClient } from '$lib/api/client';
import { SavedFilters } from '$lib/state/savedFilters.svelte';
import type { Choice } from '$lib/ui/choice';
import { tasksNamed } from './named';

/** The newest tasks with the text in their title or id, as things to choose from anywhere. */
export async function taskChoices(
  api: ApiClient,
  text: string,
  signal: AbortSignal,
): Promise<readonly Choice[]> {
  return (await tasksNamed(api, text, signal)).map(({ task, name }) => ({
    ...{ name, group: 'Task' },
    run: () => void goto(resolve('/t/[task]', { task })),
  }));
}

/** The saved filters likewise: those of a log only beside its task. */
export function savedChoices(task: string | undefined): readonly Choice[] {
  const ofTasks = choicesOf('tasks', 'Saved: tasks', resolve('/'));
  if (!task) return ofTasks;
  return [...choicesOf('log', 'Saved: this log', resolve('/t/[task]/log', { task })), ...ofTasks];
}

function choicesOf(place: 'tasks' | 'log', group: string, href: string): Choice[] {
  return new SavedFilters(place).all.map(({ name, filter }) => ({
    ...{ name, group },
    // eslint-disable-next-line svelte/no-navigation-without-resolve -- resolved above
    run: () => void goto(`${href}?${new URLSearchParams(filter)}`),
  }));
}
