import { describe, expect, it } from 'vitest';
import { ApiClient } from './client';
import { LiveEntries } from './live';

/** A feed over sockets that the test holds, and the addresses they were opened at. */
function stage() {
  const urls: string[] = [];
  const sockets: { onmessage: unknown; onclose: unknown; close(): void }[] = [];
  const waiting: (() => void)[] = [];
  const seen: string[] = [];
  const environment = {
    open: (url: string) => {
      urls.push(url);
      const socket = { onmessage: null, onclose: null, close: () => undefined };
      sockets.push(socket);
      return socket;
    },
    later: (run: () => void) => {
      waiting.push(run);
      return () => undefined;
    },
    random: () => 0,
  };
  const live = new LiveEntries(
    new ApiClient('', 'http://here', fetch),
    'level>=error',
    environment,
    {
      onMessage: (message) => seen.push(message.type),
      onConnected: () => seen.push('up'),
      onDisconnected: () => seen.push('down'),
      onUnknownTask: () => undefined,
      onStanding: () => seen.push('standing'),
    },
  );
  const last = () => sockets.at(-1) as unknown as Record<string, (event: unknown) => void>;
  const say = (message: unknown): void => last().onmessage?.({ data: JSON.stringify(message) });
  const lose = (): void => last().onclose?.({ code: 1006 });
  return { live, urls, seen, say, lose, waiting };
}

describe('LiveEntries', () => {
  it('goes on where the server said it was', () => {
    const { live, urls, say, lose, waiting } = stage();
    live.start();
    say({ type: 'hello', cursor: 'A' });
    say({ type: 'batch', logs: [], cursor: 'B' });
    lose();
    waiting[0]?.();

    expect(urls[0]).toBe('ws://here/ws/logs?q=level%3E%3Derror&max_rate=500');
    expect(urls[1]).toBe('ws://here/ws/logs?q=level%3E%3Derror&cursor=B&max_rate=500');
  });

  it('says when the connection is there and when it is gone', () => {
    const { live, seen, say, lose } = stage();
    live.start();
    say({ type: 'hello', cursor: 'A' });
    lose();

    expect(seen).toEqual(['up', 'hello', 'standing', 'down']);
  });

  it('lets what is older be read once its place is known, and only then', () => {
    const { live, seen, say, lose, waiting } = stage();
    live.start();
    lose(); // before the server said where live begins
    waiting[0]?.();
    say({ type: 'hello', cursor: 'A' });
    lose();
    waiting[1]?.();
    say({ type: 'hello', cursor: 'B' });

    expect(seen).toEqual(['down', 'up', 'hello', 'standing', 'down', 'up', 'hello']);
  });
});
