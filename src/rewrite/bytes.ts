// Byte values and classes that the rewriting engine speaks of. Bytes, never characters: values may hold any
// charset, or none.

export const SPACE = 0x20;
export const QUOTE = 0x22;
export const PERCENT = 0x25;
export const AMPERSAND = 0x26;
export const PLUS = 0x2b;
export const COMMA = 0x2c;
export const MINUS = 0x2d;
export const DOT = 0x2e;
export const SLASH = 0x2f;
export const ZERO = 0x30;
export const NINE = 0x39;
export const COLON = 0x3a;
export const SEMICOLON = 0x3b;
export const AT = 0x40;
export const BACKSLASH = 0x5c;
export const UNDERSCORE = 0x5f;
export const BRACE_OPEN = 0x7b;
export const BRACE_CLOSE = 0x7d;

/** 1 for the characters that a host is made of: A-Z a-z 0-9 . - */
const HOST_BYTES = new Uint8Array(256);
/** The byte in lower case. ASCII only: other bytes are not letters here. */
export const FOLD = new Uint8Array(256);
/** 0 to 15 for hex digits, 255 for anything else. */
const HEX_VALUES = new Uint8Array(256).fill(255);

for (let byte = 0; byte < 256; byte++) {
  const char = String.fromCharCode(byte);
  if (/[A-Za-z0-9.-]/.test(char)) HOST_BYTES[byte] = 1;
  if (/[0-9A-Fa-f]/.test(char)) HEX_VALUES[byte] = Number.parseInt(char, 16);
  FOLD[byte] = byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte;
}

/** `undefined` is what lies beyond either end of a buffer: never part of a host. */
export function isHostByte(byte: number | undefined): boolean {
  return byte !== undefined && HOST_BYTES[byte] === 1;
}

export function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= NINE;
}

/** The number that `count` hex digits at `at` spell, or -1 when they are not all hex digits. */
export function readHex(bytes: Uint8Array, at: number, count: number): number {
  if (at < 0 || at + count > bytes.length) return -1;
  let value = 0;
  for (let i = at; i < at + count; i++) {
    const digit = HEX_VALUES[bytes[i]!]!;
    if (digit === 255) return -1;
    value = value * 16 + digit;
  }
  return value;
}

/** Does `text` (lower case, latin1) stand at `at`, in any letter case? */
export function equalsFolded(bytes: Uint8Array, at: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (FOLD[bytes[at + i]!] !== text.charCodeAt(i)) return false;
  return true;
}
