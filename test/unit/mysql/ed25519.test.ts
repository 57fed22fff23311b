import { createHash, createPublicKey, verify } from 'node:crypto';
import { expect, it } from 'vitest';
import { readPublicKey, signWithPassword } from '../../../src/mysql/ed25519.ts';

/** What stands before an Ed25519 key in its DER form. */
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');

const PASSWORDS = ['', 'secret', 'r-secret', 'Größe 😀', 'x'.repeat(300), '\0', ' '];

it.each([
  ['secret', 'ZIgUREUg5PVgQ6LskhXmO+eZLS0nC8be6HPjYWR4YJY'],
  ['', '4LH+dBF+G5W2CKTyId8xR3SyDqZoQjUNUVNxx8aWbG4'],
])('has the key that MariaDB keeps of %j', (password, kept) => {
  expect(readPublicKey(password).toString('base64').replace(/=+$/, '')).toBe(kept);
});

it('signs so that anybody who has the key of the password can see it', () => {
  for (const password of PASSWORDS) {
    const der = Buffer.concat([SPKI, readPublicKey(password)]);
    const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
    for (let i = 0; i < 5; i++) {
      const challenge = createHash('sha256').update(`${password} ${i}`).digest();
      const signature = signWithPassword(password, challenge);
      expect(signature).toHaveLength(64);
      expect(verify(null, challenge, key, signature)).toBe(true);
      expect(verify(null, Buffer.alloc(32), key, signature)).toBe(false);
    }
  }
});
