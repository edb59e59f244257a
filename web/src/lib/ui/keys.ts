/** Runs the action of a pressed key, but never while somebody types or with a modifier held. */
export type KeyActions = Readonly<Record<string, (event: KeyboardEvent) => void>>;

export function keyHandler(actions: KeyActions): (event: KeyboardEvent) => void {
  return (event) => {
    const action = actions[event.key];
    if (!action || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.key !== 'Escape' && isTyping(event.target)) return;
    event.preventDefault();
    action(event);
  };
}

export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}
