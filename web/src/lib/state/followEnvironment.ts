import type { FollowEnvironment } from '$lib/api/follow';

/** The browser's sockets, timers and dice. */
export const browserEnvironment: FollowEnvironment = {
  open: (url) => new WebSocket(url),
  later: (run, delayMs) => {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
};
