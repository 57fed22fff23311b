// A value that is base64 as a whole, as page builders store their layouts.

import { Buffer } from 'node:buffer';

interface Base64Value {
  readonly decoded: Buffer;
  /** In the alphabet of the value, padded if that was. */
  readonly encode: (bytes: Buffer) => Buffer;
}

/** The usual ones first: a value may read as several. */
const SPELLINGS: readonly ((bytes: Buffer) => string)[] = [
  bytes => bytes.toString('base64'),
  bytes => bytes.toString('base64url'),
  bytes => bytes.toString('base64').replace(/=+$/, ''),
  bytes => bytes.toString('base64').replaceAll('+', '-').replaceAll('/', '_'),
];

/** Undefined when the value, encoded again, would not be what it was: it has a line break, say, or another alphabet. */
export function readBase64(value: Buffer): Base64Value | undefined {
  const text = value.toString('latin1');
  const decoded = Buffer.from(text, 'base64');
  const spell = SPELLINGS.find(each => each(decoded) === text);
  return spell && { decoded, encode: bytes => Buffer.from(spell(bytes), 'latin1') };
}
