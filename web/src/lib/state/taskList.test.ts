import { expect, it, vi } from 'vitest';
import { ApiClient } from '$lib/api/client';
import { TaskList } from './taskList.svelte';

vi.stubGlobal('document', Object.assign(new EventTarget(), { visibilityState: 'visible' }));

it('knows whether the index has read all that is recorded', async () => {
  const answers = [{ behind: true }, {}];
  const api = new ApiClient('', 'http://host.test', () =>
    Promise.resolve(
      Response.json({ tasks: [], total_count: 0, next_cursor: null, ...answers.shift() }),
    ),
  );
  const list = new TaskList(api);
  list.open({});
  await vi.waitFor(() => expect(list.total).toBe(0));
  const first = list.isBehind;
  list.retry();
  await vi.waitFor(() => expect(list.isBehind).toBe(false));
  list.close();

  expect(first).toBe(true);
  expect(answers).toEqual([]);
});
