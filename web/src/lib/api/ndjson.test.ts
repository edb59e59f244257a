import { expect, test } from 'vitest';
import { jsonLines } from './ndjson';

function bodyOf(...chunks: readonly (string | Uint8Array)[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) {
        controller.enqueue(typeof chunk === 'string' ? new TextEncoder().encode(chunk) : chunk);
      }
      controller.close();
    },
  });
}

async function all(body: ReadableStream<Uint8Array>): Promise<unknown[]> {
  const values: unknown[] = [];
  for await (const value of jsonLines(body)) values.push(value);
  return values;
}

test('lines are whole however the body is cut', async () => {
  expect(await all(bodyOf('{"a"', ':1}\n{"b":2}\n\n', '[3', ']'))).toEqual([
    { a: 1 },
    { b: 2 },
    [3],
  ]);
});

test('a character that is cut in two is one character', async () => {
  const bytes = new TextEncoder().encode('"é"\n');
  expect(await all(bodyOf(bytes.slice(0, 2), bytes.slice(2)))).toEqual(['é']);
});

test('what came before a broken line has been handed on', async () => {
  const values: unknown[] = [];
  const read = async (): Promise<void> => {
    for await (const value of jsonLines(bodyOf('1\n2\n{oops\n'))) values.push(value);
  };
  await expect(read()).rejects.toThrow(SyntaxError);
  expect(values).toEqual([1, 2]);
});

test('who stops reading closes the connection', async () => {
  let isCancelled = false;
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(new TextEncoder().encode('1\n')),
    cancel: () => void (isCancelled = true),
  });
  for await (const value of jsonLines(body)) if (value === 1) break;
  expect(isCancelled).toBe(true);
});
