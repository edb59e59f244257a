import { tokenize } from './ansi';

/** An entry as one line of text for the clipboard and for files. */
export interface Line {
  readonly timestamp: string;
  readonly level: string;
  readonly source: string;
  readonly message: string;
}

/** `2026-… ERROR git: the message`; further lines of the message are indented below. */
export function lineOf({ timestamp, level, source, message }: Line): string {
  const text = plain(message).replace(/\n/g, '\n    ');
  return `${timestamp} ${level.toUpperCase()} ${source}: ${text}`;
}

/** The text without colours; no control character is left that could steer a terminal. */
export function plain(text: string): string {
  return tokenize(text)
    .pieces.map((piece) => piece.text)
    .join('');
}
