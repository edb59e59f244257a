import { expect, test } from 'vitest';
import { textOfBase64 } from './bytesOf';

test('bytes are read as text, and what is no text is marked', () => {
  expect(textOfBase64('eyJhIjoxfQ==')).toBe('{"a":1}');
  expect(textOfBase64('w6n/')).toBe('é\ufffd');
});

test('what is no Base64 is nothing', () => {
  expect(textOfBase64('***')).toBeNull();
});
