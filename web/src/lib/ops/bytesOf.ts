/** The bytes of a Base64 text, read as UTF-8 as far as they are that; null where it is no Base64. */
export function textOfBase64(raw: string): string | null {
  try {
    const bytes = Uint8Array.from(atob(raw), (character) => character.charCodeAt(0));
    return new TextDecoder().decode(bytes);
  } catch {
    return null;
  }
}
