import { format, inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { isSecretKey, isSecretVariable, Secret } from '../../../src/config/secrets.ts';

describe('Secret', () => {
  const secret = new Secret('correct horse');

  it.each([
    ['String', String(secret)],
    ['join', [secret].join()],
    ['JSON', JSON.stringify({ secret })],
    ['inspect', inspect({ deep: [secret] })],
    ['inspect without custom inspection', inspect(secret, { customInspect: false, showHidden: true })],
    ['format', format('%s %o %j', secret, secret, secret)],
    ['its keys', JSON.stringify(Object.entries(secret))],
  ])('is not shown by %s', (_, text) => {
    expect(text).not.toContain('correct');
  });

  it('is revealed when asked', () => {
    expect(secret.reveal()).toBe('correct horse');
  });
});

describe('isSecretKey', () => {
  it.each(['password', 'dbPassword', 'passphrase', 'secretAccessKey', 'sessionToken'])('%s', key => {
    expect(isSecretKey(key)).toBe(true);
  });
  it.each(['user', 'host', 'passwordless', 7, undefined])('not %s', key => {
    expect(isSecretKey(key)).toBe(false);
  });
});

describe('isSecretVariable', () => {
  it.each([
    'STG_DB_PW',
    'PROD_PWD',
    'DB_PASSWORD',
    'PASS',
    'DBPASSWORD',
    'CACHE_TOKEN',
    'WFUWP_PSEUDONYM_KEY',
  ])('%s', name => {
    expect(isSecretVariable(name)).toBe(true);
  });
  it.each(['DB_HOST', 'STG_USER', 'KEYSPACE', 'BYPASS_HOST', 'MONKEY'])('not %s', name => {
    expect(isSecretVariable(name)).toBe(false);
  });
});
