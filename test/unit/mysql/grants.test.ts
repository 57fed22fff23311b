import { describe, expect, it } from 'vitest';
import { missingPrivileges, parseGrant } from '../../../src/mysql/grants.ts';

const missing = (database: string, needed: string[], ...grants: string[]): string[] =>
  missingPrivileges(grants.map(parseGrant), database, needed);

describe('missingPrivileges', () => {
  it.each([
    ['everything everywhere', 'wp_stg', ['GRANT ALL PRIVILEGES ON *.* TO `u`@`%` WITH GRANT OPTION'], []],
    [
      'one database',
      'wp_stg',
      ['GRANT USAGE ON *.* TO `u`@`%`', 'GRANT SELECT, INSERT ON `wp_stg`.* TO `u`@`%`'],
      [],
    ],
    ['another database', 'wp_stg', ['GRANT SELECT, INSERT ON `wp_prod`.* TO `u`@`%`'], ['SELECT', 'INSERT']],
    ['a pattern', 'wp_stg', ['GRANT SELECT, INSERT ON `wp\\_%`.* TO `u`@`%`'], []],
    [
      'an escaped underscore is no wildcard',
      'wpxstg',
      ['GRANT SELECT, INSERT ON `wp\\_stg`.* TO `u`@`%`'],
      ['SELECT', 'INSERT'],
    ],
    ['a bare underscore is one', 'wpxstg', ['GRANT SELECT, INSERT ON `wp_stg`.* TO `u`@`%`'], []],
    [
      'one table only',
      'wp_stg',
      ['GRANT SELECT, INSERT ON `wp_stg`.`wp_posts` TO `u`@`%`'],
      ['SELECT', 'INSERT'],
    ],
    ['some columns only', 'wp_stg', ['GRANT SELECT (`a`, `b`), INSERT ON `wp_stg`.* TO `u`@`%`'], ['SELECT']],
    [
      'collected from several lines',
      'wp_stg',
      ['GRANT SELECT ON *.* TO `u`@`%`', 'GRANT INSERT ON `wp_stg`.* TO `u`@`%`'],
      [],
    ],
  ])('%s', (_name, database, grants, expected) => {
    expect(missing(database, ['SELECT', 'INSERT'], ...grants)).toEqual(expected);
  });

  it('knows a role as something it cannot look into', () => {
    expect(parseGrant('GRANT `migrators` TO `u`@`%`')).toMatchObject({ isRole: true, privileges: [] });
  });
});
