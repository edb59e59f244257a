import { describe, expect, it } from 'vitest';
import { ReadersPlace } from './readersPlace';

describe('the place of a reader', () => {
  it('is the first entry in view', () => {
    expect([7, null].map((first) => new ReadersPlace().at(first))).toEqual([7, null]);
  });

  it('is where the log was opened until somebody moves', () => {
    const place = new ReadersPlace();
    place.opened(15_000, 3_003);

    expect([3_003, 3_100].map((first) => place.at(first))).toEqual([15_000, 3_100]);
  });
});
