import { describe, expect, it } from 'vitest';
import { objection } from './rooms.js';

describe('the rooms of src/lib', () => {
  it.each([
    ['logs', 'format', null],
    ['logs', 'logs', null],
    ['state', 'api', null],
    ['ui', 'state', 'may import format'],
    ['format', 'ui', 'may import no other room'],
    ['api', 'tasks', 'may import format'],
    ['window', 'state', 'may import format'],
  ])('%s importing %s: %s', (room, target, expected) => {
    const why = objection(room, target, new Set());
    if (expected === null) expect(why).toBeNull();
    else expect(why).toContain(expected);
  });

  it('lets a domain import one other domain and no second', () => {
    const seen = new Set();

    expect(objection('logs', 'tasks', seen)).toBeNull();
    expect(objection('logs', 'chat', seen)).toContain('Compose');
  });
});
