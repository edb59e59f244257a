import { describe, expect, it } from 'vitest';
import { Follow, UNKNOWN_TASK, delayBefore, type SocketLike } from './follow';
import type { Entry } from './types';

class FakeSocket implements SocketLike {
  onmessage: SocketLike['onmessage'] = null;
  onclose: SocketLike['onclose'] = null;
  isClosed = false;

  constructor(readonly url: string) {}

  close(): void {
    this.isClosed = true;
  }

  hear(data: unknown): void {
    this.onmessage?.({ data } as MessageEvent<unknown>);
  }

  say(message: unknown): void {
    this.hear(JSON.stringify(message));
  }

  lose(code: number): void {
    this.onclose?.({ code } as CloseEvent);
  }

  batch(...seqs: number[]): void {
    this.say({ type: 'batch', logs: seqs.map((seq) => ({ seq })) });
  }
}

/** A server's side, a clock that is wound by hand, and all that was handed on. */
function stage() {
  const sockets: FakeSocket[] = [];
  const waiting: { run: () => void; delayMs: number }[] = [];
  const seqs: number[] = [];
  const told: string[] = [];
  const follow = new Follow(
    (seq) => `after=${seq}`,
    {
      open: (url) => {
        const socket = new FakeSocket(url);
        sockets.push(socket);
        return socket;
      },
      later: (run, delayMs) => {
        const item = { run, delayMs };
        waiting.push(item);
        return () => void waiting.splice(waiting.indexOf(item), 1);
      },
      random: () => 1,
    },
    {
      onMessage: (message) => {
        if (message.type === 'batch') seqs.push(...message.logs.map((entry: Entry) => entry.seq));
        else told.push(message.type);
      },
      onConnected: () => told.push('connected'),
      onDisconnected: (delay) => told.push(`lost, again in ${delay}`),
      onUnknownTask: () => told.push('unknown'),
    },
  );
  const socket = (): FakeSocket => sockets.at(-1) as FakeSocket;
  const passTime = (): void => waiting.shift()?.run();
  return { follow, sockets, waiting, seqs, told, socket, passTime };
}

describe('Follow', () => {
  it('asks for what comes after the last seq, and hands on each entry once', () => {
    const { follow, socket, seqs, passTime } = stage();
    follow.start(10);
    expect(socket().url).toBe('after=10');
    socket().batch(9, 10, 11, 12);
    socket().batch(12, 13);
    socket().lose(1006);
    passTime();
    socket().batch(13, 14);

    expect(socket().url).toBe('after=13');
    expect(seqs).toEqual([11, 12, 13, 14]);
  });

  it('waits longer after each failure and starts anew after a greeting', () => {
    const { follow, socket, told, passTime } = stage();
    follow.start(0);
    for (let i = 0; i < 3; i += 1) {
      socket().lose(1006);
      passTime();
    }
    socket().say({ type: 'hello', head: 5 });
    socket().lose(1006);

    expect(told).toEqual([
      'lost, again in 500',
      'lost, again in 1000',
      'lost, again in 2000',
      'connected',
      'hello',
      'lost, again in 500',
    ]);
  });

  it('says that the server does not know the task, and asks again', () => {
    const { follow, sockets, socket, told, passTime } = stage();
    follow.start(0);
    socket().lose(UNKNOWN_TASK);
    passTime();

    expect(told).toEqual(['unknown']);
    expect(sockets).toHaveLength(2);
  });

  it('is silent after it was stopped', () => {
    const { follow, socket, seqs, waiting } = stage();
    follow.start(0);
    const first = socket();
    follow.stop();
    first.batch(1);

    expect(first.isClosed).toBe(true);
    expect(seqs).toEqual([]);
    expect(waiting).toEqual([]);
  });

  it('does not connect after a stop that came while it waited', () => {
    const { follow, sockets, socket, waiting } = stage();
    follow.start(0);
    socket().lose(1006);
    follow.stop();

    expect(waiting).toEqual([]);
    expect(sockets).toHaveLength(1);
  });

  it('connects at once when hurried', () => {
    const { follow, sockets, socket, waiting } = stage();
    follow.start(0);
    follow.hurry();
    socket().lose(1006);
    follow.hurry();

    expect(sockets).toHaveLength(2);
    expect(waiting).toEqual([]);
  });

  it('survives messages that are none', () => {
    const { follow, socket, told } = stage();
    follow.start(0);
    for (const data of ['{', '7', 'null', new ArrayBuffer(2)]) socket().hear(data);

    expect(told).toEqual([]);
  });
});

it.each([
  [0, 0, 250],
  [0, 1, 500],
  [3, 0.5, 3_000],
  [5, 1, 15_000],
  [500, 1, 15_000],
])('attempt %i, spread %d: %i ms', (attempt, random, expected) => {
  expect(delayBefore(attempt, random)).toBe(expected);
});
