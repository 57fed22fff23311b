import { createHash, createPrivateKey, createPublicKey, pbkdf2Sync, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { beginMethod, type LoginTerms } from '../../../src/mysql/login-methods.ts';
import { LoginRefusal } from '../../../src/mysql/login-refusal.ts';

const CHALLENGE = Buffer.from('abcdefghijklmnopqrst\0');
const terms = ({
  isProven = false,
  ...over
}: Partial<Omit<LoginTerms, 'isProven'>> & { isProven?: boolean } = {}): LoginTerms => ({
  ...{ password: 'secret', isProven: () => isProven, transport: 'plain' as const, allowsInsecure: false },
  ...over,
});

const hash = (algorithm: string, ...parts: readonly Buffer[]): Buffer =>
  createHash(algorithm).update(Buffer.concat(parts)).digest();

describe('methods that show no server the password', () => {
  it.each([
    ['mysql_native_password', 'sha1'],
    ['caching_sha2_password', 'sha256'],
  ])('%s is answered with what only whoever knows its hash can check', (plugin, algorithm) => {
    const answer = beginMethod(plugin, terms())(CHALLENGE)!;
    const stored = hash(algorithm, hash(algorithm, Buffer.from('secret')));
    const challenge = CHALLENGE.subarray(0, 20);
    const mask = algorithm === 'sha1' ? hash('sha1', challenge, stored) : hash('sha256', stored, challenge);
    expect(hash(algorithm, Buffer.from(answer.map((byte, i) => byte ^ mask[i]!)))).toEqual(stored);
  });

  it('parsec is answered with a signature by the key that the salt makes of the password', () => {
    const method = beginMethod('parsec', terms({ password: 'Größe' }));
    const challenge = hash('sha256', Buffer.from('challenge'));
    expect(method(challenge)).toEqual(Buffer.alloc(0));
    const salt = Buffer.from('0123456789abcdef01');
    const answer = method(Buffer.concat([Buffer.from('P\x01'), salt]))!;
    expect(answer).toHaveLength(96);
    const seed = pbkdf2Sync('Größe', salt, 2048, 32, 'sha512');
    const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
    const key = createPublicKey(createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }));
    const signed = Buffer.concat([challenge, answer.subarray(0, 32)]);
    expect(verify(null, signed, key, answer.subarray(32))).toBe(true);
  });

  it.each(['P\x09salt-salt-salt-salt', 'Q\x00salt-salt-salt-salt', 'P\x00salt', ''])(
    'parsec ends for a salt that no server sends: %j',
    said => {
      const method = beginMethod('parsec', terms());
      method(Buffer.alloc(32));
      expect(() => method(Buffer.from(said, 'latin1'))).toThrow(LoginRefusal);
    },
  );
});

describe('the password as it is', () => {
  const MORE = [
    ['caching_sha2_password', Buffer.from([4])],
    ['sha256_password', null],
    ['mysql_clear_password', null],
  ] as const;

  it.each(MORE)('goes by %s to a server that TLS has proven, and ends with a zero', (plugin, more) => {
    const method = beginMethod(plugin, terms({ isProven: true, transport: 'tls' }));
    const first = method(CHALLENGE);
    expect(more ? method(more) : first).toEqual(Buffer.from('secret\0'));
  });

  it.each(MORE)('does not go by %s elsewhere, encrypted or not', (plugin, more) => {
    for (const transport of ['plain', 'tls'] as const) {
      const method = beginMethod(plugin, terms({ transport }));
      expect(() => {
        method(CHALLENGE);
        if (more) method(more);
      }).toThrow(LoginRefusal);
    }
  });

  it('is no secret when it is empty', () => {
    expect(beginMethod('mysql_clear_password', terms({ password: '' }))(CHALLENGE)).toEqual(
      Buffer.from('\0'),
    );
    expect(beginMethod('mysql_native_password', terms({ password: '' }))(CHALLENGE)).toEqual(Buffer.alloc(0));
  });

  it('is not encrypted with what is no key', () => {
    const method = beginMethod('sha256_password', terms({ allowsInsecure: true }));
    method(CHALLENGE);
    expect(() => method(Buffer.from('no key'))).toThrow(LoginRefusal);
  });
});

describe('methods that the program has not', () => {
  it.each([
    ['dialog', /PAM/, /pam_use_cleartext_plugin/],
    ['', /mysql_old_password/, /SET PASSWORD/],
    ['mysql_old_password', /before MySQL 4\.1/, /SET PASSWORD/],
    ['auth_gssapi_client', /Kerberos/, /ed25519/],
    ['authentication_kerberos_client', /Kerberos/, /caching_sha2_password/],
    ['authentication_ldap_sasl_client', /LDAP/, /ed25519/],
    ['authentication_webauthn_client', /touch/, /ed25519/],
    ['something_new', /something_new, which the program does not have/, /ed25519/],
    ['\u001b]0;owned\u0007', /an unknown method/, /ed25519/],
    ['x'.repeat(70), /an unknown method/, /ed25519/],
  ])('%j is named, with what to do', (plugin, message, hint) => {
    expect(() => beginMethod(plugin, terms())).toThrow(
      expect.objectContaining({
        message: expect.stringMatching(message),
        hint: expect.stringMatching(hint),
      }),
    );
  });
});
