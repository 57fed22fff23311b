import { format, inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { isSecretKey, maskSecrets, registerSecret, Secret } from '../../../src/config/secrets.ts';

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

describe('maskSecrets', () => {
  it('hides a secret in text that others made', () => {
    new Secret('s3cr3t-one');
    expect(maskSecrets("Access denied (using 's3cr3t-one')")).toBe("Access denied (using '***')");
  });

  it('hides it as it reads in JSON and in URLs', () => {
    registerSecret('a"b\\c d/é');
    expect(maskSecrets(JSON.stringify({ password: 'a"b\\c d/é' }))).toBe('{"password":"***"}');
    expect(maskSecrets(`mysql://wp:${encodeURIComponent('a"b\\c d/é')}@db`)).toBe('mysql://wp:***@db');
  });

  it('hides the longer of two that begin alike', () => {
    registerSecret('prefix');
    registerSecret('prefix-and-more');
    expect(maskSecrets('prefix-and-more')).toBe('***');
  });

  it('treats special characters as characters', () => {
    registerSecret('$&.*(x');
    expect(maskSecrets('a$&.*(xb')).toBe('a***b');
  });

  it('leaves text alone that a very short secret would garble', () => {
    registerSecret('wp');
    registerSecret('');
    expect(maskSecrets('wp_posts')).toBe('wp_posts');
  });

  it('takes a secret that is no well-formed text', () => {
    registerSecret('half \ud800 pair');
    expect(maskSecrets('half \ud800 pair')).toBe('***');
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
