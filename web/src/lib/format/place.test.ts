import { describe, expect, it } from 'vitest';
import { placeIn } from './place';

describe('places', () => {
  it.each([
    ['18233', { seq: 18_233 }],
    ['#L18,233', { seq: 18_233 }],
    ['50%', { share: 0.5 }],
    ['250 %', { share: 1 }],
    ['9:05', { moment: '2026-02-14T09:05:00.000Z' }],
    ['12:30:01.25', { moment: '2026-02-14T12:30:01.250Z' }],
    ['2026-01-31', { moment: '2026-01-31T00:00:00.000Z' }],
    ['2026-01-31 10:03', { moment: '2026-01-31T10:03:00.000Z' }],
    ['2026-01-31T10:03:00+02:00', { moment: '2026-01-31T08:03:00.000Z' }],
    ['25:00', null],
    ['the end', null],
    ['', null],
  ])('%s', (text, place) => {
    expect(placeIn(text, '2026-02-14', 'utc')).toEqual(place);
  });
});
