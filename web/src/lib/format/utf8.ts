/** The text of some bytes cut out of a longer UTF-8 text, without the halves at the cuts. */
export interface Cutout {
  readonly text: string;
  /** How many bytes the text takes; those behind belong to the next part. */
  readonly used: number;
}

const isContinuation = (byte: number | undefined): boolean =>
  byte !== undefined && (byte & 0xc0) === 0x80;

/** `isStart` and `isEnd` say that nothing was cut there. */
export function cutoutOf(bytes: Uint8Array, isStart: boolean, isEnd: boolean): Cutout {
  let first = 0;
  while (!isStart && first < 3 && isContinuation(bytes[first])) first += 1;
  const end = isEnd ? bytes.length : bytes.length - halfAtEnd(bytes);
  return { text: new TextDecoder().decode(bytes.subarray(first, end)), used: end };
}

/** How many bytes at the end begin a character that is not all there. */
function halfAtEnd(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (isContinuation(byte)) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return length > back ? back : 0;
  }
  return 0;
}
