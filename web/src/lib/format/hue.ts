/** Hues that tell sources apart: none near red or amber, which mean errors and warnings. */
const HUES = [145, 170, 195, 220, 250, 285, 315, 340];

/** The hue of a name, always the same one. */
export function hueOf(name: string): number {
  let sum = 0;
  for (const sign of name) sum = (sum * 31 + (sign.codePointAt(0) ?? 0)) % 65_521;
  return HUES[sum % HUES.length] ?? 220;
}
