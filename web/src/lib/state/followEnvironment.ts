import type { FollowEnvironment } from '$lib/api/connection';
import { protocolsOf, readKey } from '$lib/api/key';

/** The browser's sockets, timers and dice. */
export const browserEnvironment: FollowEnvironment = {
  open: (url) => new WebSocket(url, protocolsOf(readKey())),
  later: (run, delayMs) => {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
};
