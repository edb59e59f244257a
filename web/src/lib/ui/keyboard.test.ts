import { beforeAll, describe, expect, it, vi } from 'vitest';
import { Keyboard } from './keyboard.svelte';

/** What a test has of the page's elements: a name, whether one types there, what it is part of. */
class FakeElement {
  constructor(
    readonly tagName: string,
    readonly isContentEditable = false,
  ) {}

  closest(wanted: string): FakeElement | null {
    return wanted.split(', ').includes(this.tagName.toLowerCase()) ? this : null;
  }
}

beforeAll(() => {
  vi.stubGlobal('Element', FakeElement);
  vi.stubGlobal('HTMLElement', FakeElement);
});

interface Pressed {
  readonly key: string;
  readonly ctrlKey?: boolean;
  readonly shiftKey?: boolean;
  readonly altKey?: boolean;
  readonly isComposing?: boolean;
  readonly target?: FakeElement;
}

/** A press, and whether the page took it from the browser. */
function press(keyboard: Keyboard, pressed: Pressed): boolean {
  let isTaken = false;
  const event = { ...pressed, preventDefault: () => (isTaken = true) };
  keyboard.press(event as unknown as KeyboardEvent);
  return isTaken;
}

function keyboardOf(hasKeys = true) {
  const done: string[] = [];
  const keyboard = new Keyboard(() => hasKeys);
  const note = (word: string) => () => void done.push(word);
  return { keyboard, done, note };
}

describe('the keyboard', () => {
  it('asks whoever came last, and the one before when that is gone', () => {
    const { keyboard, done, note } = keyboardOf();
    keyboard.add(() => ({ next: note('page'), first: note('top') }));
    const leave = keyboard.add(() => ({ next: note('dialog') }));
    press(keyboard, { key: 'j' });
    press(keyboard, { key: 'g' });
    leave();
    press(keyboard, { key: 'ArrowDown' });

    expect(done).toEqual(['dialog', 'top', 'page']);
  });

  it('leaves to the browser what nobody does, and what is refused', () => {
    const { keyboard } = keyboardOf();
    keyboard.add(() => ({ find: () => false }));

    expect(press(keyboard, { key: 'w' })).toBe(false);
    expect(press(keyboard, { key: 'f', ctrlKey: true })).toBe(false);
  });

  it('lets somebody type, except for Escape and keys with a modifier', () => {
    const { keyboard, done, note } = keyboardOf();
    const target = new FakeElement('INPUT');
    keyboard.add(() => ({ next: note('j'), close: note('close'), palette: note('palette') }));
    press(keyboard, { key: 'j', target });
    press(keyboard, { key: 'j', isComposing: true });
    press(keyboard, { key: 'Escape', target });
    press(keyboard, { key: 'K', ctrlKey: true, target });

    expect(done).toEqual(['close', 'palette']);
  });

  it('leaves Enter and the space bar to a control that has the focus', () => {
    const { keyboard, done, note } = keyboardOf();
    keyboard.add(() => ({ drawer: note('drawer'), pageDown: note('page') }));
    for (const key of ['Enter', ' ']) press(keyboard, { key, target: new FakeElement('BUTTON') });
    for (const key of ['Enter', ' ']) press(keyboard, { key, target: new FakeElement('DIV') });

    expect(done).toEqual(['drawer', 'page']);
  });

  it('knows keys with Shift, and none with Alt', () => {
    const { keyboard, done, note } = keyboardOf();
    keyboard.add(() => ({ next: note('next'), extendDown: note('extend') }));
    press(keyboard, { key: 'ArrowDown', shiftKey: true });
    press(keyboard, { key: 'j', altKey: true });

    expect(done).toEqual(['extend']);
  });

  it('has no single letters where they are switched off; the arrows stay', () => {
    const { keyboard, done, note } = keyboardOf(false);
    keyboard.add(() => ({ next: note('next') }));

    expect([press(keyboard, { key: 'j' }), press(keyboard, { key: 'ArrowDown' })]).toEqual([
      false,
      true,
    ]);
    expect(done).toEqual(['next']);
  });

  it('says what can be done now, for the help and the palette', () => {
    const { keyboard, note } = keyboardOf();
    let canFollow = false;
    keyboard.add(() => ({ wrap: note('wrap'), ...(canFollow && { follow: note('follow') }) }));

    expect([keyboard.can('wrap'), keyboard.can('follow'), keyboard.can('pause')]).toEqual([
      ...[true, false, false],
    ]);
    canFollow = true;
    expect(keyboard.can('follow')).toBe(true);
  });

  it('presses what was pressed before it was there, and types where that led into a field', () => {
    const { keyboard, done, note } = keyboardOf();
    const page = { activeElement: new FakeElement('BODY'), typed: '' };
    vi.stubGlobal('document', {
      get activeElement() {
        return page.activeElement;
      },
      execCommand: (_: string, __: boolean, text: string) => (page.typed += text),
    });
    const early = (key: string, more = {}) => ({ key, ...more, preventDefault: () => undefined });
    keyboard.add(() => ({
      last: note('last'),
      filter: () => (page.activeElement = new FakeElement('INPUT')),
      find: note('find'),
    }));
    const keys = [
      early('G'),
      early('f', { ctrlKey: true }),
      ...['/', 'G', 'Shift', 'o'].map((key) => early(key)),
    ];
    keyboard.replay(keys as unknown as KeyboardEvent[]);
    keyboard.replay(undefined);

    expect([done, page.typed]).toEqual([['last'], 'Go']);
  });

  it('hands on to the palette what is typed while it is on its way', () => {
    const { keyboard, done, note } = keyboardOf();
    keyboard.add(() => ({ goTo: () => (keyboard.paletteText = ':'), next: note('next') }));
    for (const key of [':', '4', 'j']) press(keyboard, { key });
    press(keyboard, { key: 'j', target: new FakeElement('DIALOG') });
    keyboard.paletteText = null;
    press(keyboard, { key: 'j' });

    expect(done).toEqual(['next', 'next']);
  });

  it('leads where the log says that came last, also when one before it goes later', async () => {
    const { keyboard } = keyboardOf();
    const leave = keyboard.lead(() => Promise.resolve('old'));
    const leaveLast = keyboard.lead(() => Promise.resolve('new'));
    leave();

    expect(await keyboard.goTo?.(':1')).toBe('new');
    leaveLast();
    expect(keyboard.goTo).toBeNull();
  });
});
