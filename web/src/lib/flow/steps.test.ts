import { describe, expect, it } from 'vitest';
import type { Entry } from '$lib/api/types';
import { postingsOf, stepsOf } from './steps';

const entry = (seq: number, fields: unknown, more: Partial<Entry> = {}): Entry =>
  ({
    ...{ seq, fields, level: 'info', event_type: 'webhook:received' },
    ...{ timestamp: `2026-01-02T03:04:0${seq}.000Z`, ...more },
  }) as Entry;

describe('stepsOf', () => {
  it('names each step, what it says, and how long it took to come', () => {
    const steps = stepsOf([
      entry(1, { stage: 'received', data: { event_type: 'issue_comment' } }),
      entry(3, { stage: 'task_created', data: { input_message: 'mend it\nplease' } }),
    ]);

    expect(steps.map(({ name, headline, waited }) => [name, headline, waited])).toEqual([
      ['received', 'issue_comment', null],
      ['task created', 'mend it', 2],
    ]);
    expect(steps[1]?.tone).toBe('good');
  });

  it('says nothing of a wait between clocks that disagree', () => {
    const steps = stepsOf([entry(5, {}), entry(2, {})]);

    expect(steps[1]?.waited).toBeNull();
    expect(steps[1]?.name).toBe('received');
  });

  it('marks what led to no task', () => {
    const [skipped, unsigned] = stepsOf([
      entry(1, { stage: 'skipped', data: { reason: 'bot' } }),
      entry(2, { stage: 'validated', data: { signature_valid: false } }),
    ]);

    expect([skipped?.tone, skipped?.headline, unsigned?.tone]).toEqual(['bad', 'bot', 'bad']);
  });
});

describe('postingsOf', () => {
  it('counts attempts and tells failed ones', () => {
    const postings = postingsOf([
      entry(1, { method: 'api', status_code: 502, source: 'github' }),
      entry(4, { method: 'api', status_code: 201, fallback_posted: true }),
    ]);

    expect(postings.map(({ number, isFailed, waited }) => [number, isFailed, waited])).toEqual([
      [1, true, null],
      [2, false, 3],
    ]);
    expect(postings[0]?.headline).toBe('github · answered 502');
    expect(postings[1]?.headline).toBe('answered 201 · posted by the fallback');
  });
});
