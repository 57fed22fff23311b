import { expect, test } from 'vitest';
import { parseGrant } from '../../../src/mysql/grants.ts';
import { judgeRights } from '../../../src/phases/judge-rights.ts';

const ENVIRONMENT = {
  name: 'stg',
  database: { name: 'wp_stg', staging: 'wp_stg_incoming', previous: 'wp_stg_previous' },
};
const ALL = ENVIRONMENT.database;

const judge = (grants: readonly string[], isProtected = false) =>
  judgeRights(
    ENVIRONMENT,
    { grants: grants.map(grant => parseGrant(`GRANT ${grant} TO 'wp'@'%'`)) },
    isProtected,
  );
const everywhere = (rights: string): string[] => Object.values(ALL).map(name => `${rights} ON \`${name}\`.*`);

test('A3 all of them, and none to write', () => {
  expect(judge(['ALL PRIVILEGES ON *.*'])).toMatchObject({ outcome: 'passed' });
  expect(judge(['SELECT ON `wp_stg`.*'])).toMatchObject({
    outcome: 'passed',
    message: 'The user may read and not write: fit for a source only.',
  });
});

test('A3 some of them: each that lacks, by database', () => {
  const found = judge([
    'SELECT, INSERT, CREATE, DROP ON `wp_stg`.*',
    'SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, INDEX, REFERENCES ON `wp_stg_incoming`.*',
  ]);
  expect(found).toEqual({
    code: 'rights_incomplete',
    outcome: 'warning',
    message:
      'Fit for a source. As a target its user lacks UPDATE, ALTER on wp_stg; SELECT, INSERT, CREATE, DROP, ALTER on wp_stg_previous.',
    hint: 'If it shall be a target, the statements to give them: wfuwp config grants SOURCE stg',
  });
});

test('A3 not even SELECT: it fails, or may lack it where a role could give it', () => {
  expect(judge(['USAGE ON *.*'])).toMatchObject({
    outcome: 'failed',
    message: expect.stringContaining('lacks SELECT on wp_stg'),
  });
  const withRole = judgeRights(ENVIRONMENT, { grants: [parseGrant("GRANT `r` TO 'wp'@'%'")] }, false);
  expect(withRole).toMatchObject({ outcome: 'warning', message: expect.stringContaining('may lack') });
});

test('A1 a protected one that can be written to is warned of, with no word of giving rights', () => {
  const found = judge(everywhere('SELECT, INSERT, UPDATE'), true);
  expect(found).toMatchObject({
    code: 'protected_writable',
    outcome: 'warning',
    message: 'It is protected, and its user may write to wp_stg, wp_stg_incoming, wp_stg_previous.',
  });
  expect(found.hint).not.toMatch(/GRANT|grants/);
  expect(judge(['SELECT ON `wp_stg`.*'], true)).toMatchObject({ outcome: 'passed' });
});
