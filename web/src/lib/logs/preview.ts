import { formatBytes } from '$lib/format/bytes';

/** The part of a message that a closed row shows: its beginning and, of many lines, its end. */
export interface Preview {
  readonly head: string;
  /** What is left out between head and tail: 0 lines where only a long line was shortened. */
  readonly hiddenLines: number;
  readonly isCut: boolean;
  readonly tail: string;
}

const MOST_LINES = 10;
const HEAD_LINES = 6;
const TAIL_LINES = 3; // a traceback says at its end what went wrong
const MOST_CHARACTERS = 1_200;

export function previewOf(message: string): Preview {
  const lines = message.trimEnd().split('\n');
  const isFolded = lines.length > MOST_LINES;
  const head = isFolded ? lines.slice(0, HEAD_LINES).join('\n') : message;
  const tail = isFolded ? lines.slice(-TAIL_LINES).join('\n') : '';
  const isShortened = head.length > MOST_CHARACTERS || tail.length > MOST_CHARACTERS;
  return {
    head: head.slice(0, MOST_CHARACTERS),
    hiddenLines: isFolded ? lines.length - HEAD_LINES - TAIL_LINES : 0,
    isCut: isFolded || isShortened,
    tail: tail.slice(-MOST_CHARACTERS),
  };
}

const MOST_IN_A_LINE = 400; // characters; a wider view is rare, and opening the row shows all

/** The message as one line: line ends are signs, and the edge of the view cuts it. */
export function flatPreviewOf(message: string): Preview {
  const head = message
    .trimEnd()
    .slice(0, MOST_IN_A_LINE)
    .replace(/\s*\n\s*/g, ' ⏎ ');
  return { head, hiddenLines: 0, isCut: false, tail: '' };
}

/** What the button says that shows the rest of a message, or hides it again. */
export function moreOf(
  { hiddenLines }: Preview,
  cutFrom: number | null,
  isExpanded: boolean,
): string {
  if (isExpanded) return 'show less';
  if (cutFrom !== null) return `show all, ${formatBytes(cutFrom)}`;
  return hiddenLines > 0 ? `show ${hiddenLines} more lines` : 'show all';
}
