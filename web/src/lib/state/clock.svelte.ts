import { createContext } from 'svelte';

/** The time, moving once a second while the page can be seen. */
export class Clock {
  now = $state(Date.now());

  /** Starts ticking; returns how to stop. */
  start(): () => void {
    const timer = setInterval(() => {
      if (!document.hidden) this.now = Date.now();
    }, 1_000);
    return () => clearInterval(timer);
  }
}

export const [getClock, setClock] = createContext<Clock>();
