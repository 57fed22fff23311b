// Passwords that read like a name, a word or a part of an id: masked where somebody else says them, and never in the
// program's own words.

import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Summary } from '../../src/migration/summary.ts';
import { createEnvironments, type Environments } from '../support/environments.ts';
import { onlyRunId } from '../support/runs.ts';

async function setPasswords(pair: Environments, source: string, target: string): Promise<void> {
  const users = { reader: '', writer: '' };
  await pair.configure(config => {
    const { prod, stg } = config.environments;
    Object.assign(users, { reader: prod.database.user, writer: stg.database.user });
    config.hooks = { before_site: { command: ['sh', 'hook.sh'] } };
  });
  Object.assign(pair.env, { PROD_DB_PASSWORD: source, STG_DB_PASSWORD: target });
  await pair.source.server.query(`ALTER USER '${users.reader}'@'%' IDENTIFIED BY ?`, [source]);
  await pair.target.server.query(`ALTER USER '${users.writer}'@'%' IDENTIFIED BY ?`, [target]);
}

const HOOK = `
echo "password $STG_DB_PASSWORD"
echo "mysql -p$PROD_DB_PASSWORD -h db"
echo "at $WFUWP_MIGRATION_ID of $WFUWP_RUN_DIRECTORY"
`;

it.each([
  ['2026', 'stg'],
  ['prod', 'a'],
  ['env-migrate', 'migration'],
  ['wp_', 'completed'],
  ['***', 'site'],
])('passwords %s and %s garble nothing, and are told by nobody', async (source, target) => {
  await using pair = await createEnvironments({ sites: 2, scale: 0.02 });
  await writeFile(join(pair.cwd, 'hook.sh'), HOOK);
  await setPasswords(pair, source, target);
  const { exitCode, stdout, stderr } = await pair.run('env-migrate', 'prod', 'stg', '--yes');
  expect(exitCode, stderr).toBe(0);
  const id = await onlyRunId(pair);
  const runDirectory = join(pair.cwd, 'logs', id);
  expect(stdout).toContain(`✔ All 3 sites are migrated, prod → stg, in `);
  expect(stdout).toContain(`Files     logs/${id}`);
  expect(stdout).toContain(`wfuwp env-migrate rollback ${id}`);
  expect(stderr).toContain('Migration completed.');
  expect(stdout + stderr).not.toContain('***');

  const log = await readFile(join(runDirectory, 'migration-progress.log'), 'utf8');
  // A long one is masked wherever others say it, also in the ids that they quote.
  const quoted = [source, target]
    .filter(password => password.length >= 6)
    .reduce((text, password) => text.replaceAll(password, '***'), `at ${id} of ${runDirectory}`);
  expect(log).toContain(`before_site hook done in`);
  expect(log).toContain(`It printed: password *** | mysql -p*** -h db | ${quoted}.`);
  for (const file of await readdir(runDirectory)) {
    const text = await readFile(join(runDirectory, file), 'utf8');
    expect(text).not.toContain(`password ${target}`);
    if (source !== '***') expect(text).not.toContain(`-p${source} `);
  }

  const status = await pair.run('env-migrate', 'status', id, '--json');
  expect(JSON.parse(status.stdout) as { id: string; path: string }).toMatchObject({ id, path: runDirectory });
  const again = await pair.run('env-migrate', 'prod', 'stg', '--yes', '--json', '--only-changed');
  expect(JSON.parse(again.stdout) as Summary).toMatchObject({ source: 'prod', target: 'stg' });
  const check = await pair.run('config', 'check');
  expect(check.stdout).not.toContain('***');
});
