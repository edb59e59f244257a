import { describe, expect, it } from 'vitest';
import { SavedFilters } from './savedFilters.svelte';

function shelf(content: Record<string, string> = {}) {
  return {
    content,
    getItem: (key: string) => content[key] ?? null,
    setItem: (key: string, value: string) => void (content[key] = value),
  };
}

describe('saved filters', () => {
  it('are there again in the next page, newest first', () => {
    const store = shelf();
    const saved = new SavedFilters('tasks', () => store);
    saved.save('failing', { status: 'failed' });
    saved.save('mine', { agent: 'coder' });

    expect(new SavedFilters('tasks', () => store).all).toEqual([
      { name: 'mine', filter: { agent: 'coder' } },
      { name: 'failing', filter: { status: 'failed' } },
    ]);
    expect(new SavedFilters('log', () => store).all).toEqual([]);
  });

  it('replace one of the same name, and can be taken away', () => {
    const saved = new SavedFilters('log', () => shelf());
    saved.save('errors', { min_level: 'error' });
    saved.save('errors', { q: 'level>=error' });

    expect(saved.all).toEqual([{ name: 'errors', filter: { q: 'level>=error' } }]);
    saved.remove('errors');
    expect(saved.all).toEqual([]);
  });

  it('keep those that another tab saved meanwhile', () => {
    const store = shelf();
    const [one, other] = [
      new SavedFilters('log', () => store),
      new SavedFilters('log', () => store),
    ];
    other.save('theirs', { q: 'x' });
    one.save('ours', { q: 'y' });

    expect(one.all.map(({ name }) => name)).toEqual(['ours', 'theirs']);
  });

  it('survive a store that is closed, and what others wrote into it', () => {
    const closed = (): never => {
      throw new Error('no storage here');
    };
    const saved = new SavedFilters('log', closed);
    saved.save('a', { q: 'x' });
    const odd = '[{"name":1},{"name":"b","filter":{"q":2}},{"name":"c","filter":{"q":"z"}}]';

    expect(saved.all.map(({ name }) => name)).toEqual(['a']);
    expect(new SavedFilters('log', () => shelf({ 'tasktrail.saved.log': odd })).all).toEqual([
      { name: 'c', filter: { q: 'z' } },
    ]);
  });
});
