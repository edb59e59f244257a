/* eslint-disable no-control-regex -- control characters are what this file is about */
/** What a plain text has none of: control characters, and those that turn its direction. */
export const SPECIAL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;
const COLOURS = /\u001b\[[0-?]*[ -/]*[@-~]/g;
/* eslint-enable no-control-regex */

/** The text without them, for the moment until it is drawn as a terminal would. */
export function withoutSpecial(text: string): string {
  return text.replace(COLOURS, '').split(SPECIAL).join('');
}
