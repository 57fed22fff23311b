import { describe, expect, it } from 'vitest';
import { explainServer } from '../../../src/cli/ask-environments.ts';
import { parseServerPlace } from '../../../src/config/server-place.ts';

describe('parseServerPlace', () => {
  it.each([
    ['db1', { host: 'db1' }],
    ['db_1.example.edu:3307', { host: 'db_1.example.edu', port: 3307 }],
    ['127.0.0.1:36001', { host: '127.0.0.1', port: 36_001 }],
    ['[::1]:3306', { host: '::1', port: 3306 }],
    ['[fe80::1]', { host: 'fe80::1' }],
    ['::1', { host: '::1' }],
    ['/run/mysqld/mysqld.sock', { socketPath: '/run/mysqld/mysqld.sock' }],
  ])('%s', (text, place) => {
    expect(parseServerPlace(text)).toEqual(place);
    expect(explainServer(text)).toBeUndefined();
  });

  it.each([
    'not a host!',
    '',
    'db1:',
    'db1:0',
    'db1:99999',
    '[db1]:3306',
    '[::1',
    'a..b',
    '-a',
    'a:b:c',
    'mysql://db1',
  ])('"%s" is none, and a sentence says so', text => {
    expect(parseServerPlace(text)).toBeUndefined();
    expect(explainServer(text)).toMatch(/^[A-Z].*\.$/);
  });
});
