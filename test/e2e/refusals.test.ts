// Wrong input of every kind: a clear message, the right exit code, and nothing changed anywhere.

import { readdir } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { createEnvironments, type Environments } from '../support/environments.ts';
import { checksumTables } from '../support/generate-network.ts';

const SMALL = { sites: 2, scale: 0.02 };

/** Runs, and makes sure that neither side changed and no run directory appeared. */
async function refused(
  pair: Environments,
  ...args: string[]
): Promise<{ exitCode: number | undefined; text: string }> {
  const picture = async (): Promise<unknown> => [
    await checksumTables(pair.source.server, pair.source.database),
    await checksumTables(pair.target.server, pair.target.database),
    await pair.target.server.query('SHOW DATABASES LIKE ?', [`${pair.target.database}%`]),
    await readdir(pair.cwd),
  ];
  const before = await picture();
  const { exitCode, stdout, stderr } = await pair.run('env-migrate', ...args);
  expect(await picture()).toEqual(before);
  return { exitCode, text: stderr + stdout };
}

describe('what env-migrate refuses', () => {
  it.each([
    ['an unknown environment', ['prod', 'stgg'], 12, /no environment "stgg".*Did you mean "stg"/s],
    ['source = target', ['stg', 'stg'], 4, /share the database/],
    ['a site that does not exist', ['prod', 'stg', '--yes', '--include-sites', '2,77'], 2, /no site 77/],
    [
      'a site list that is none',
      ['prod', 'stg', '--yes', '--include-sites', '2-x'],
      2,
      /--include-sites takes site ids/,
    ],
    ['both halves at once', ['prod', 'stg', '--network-only', '--sites-only'], 2, /network-only/],
    [
      'sites to be archived in tables that are left out',
      ['prod', 'stg', '--sites-only', '--target-only-sites', 'archive'],
      2,
      /--sites-only.*cannot.*--target-only-sites/,
    ],
    [
      'include and exclude at once',
      ['prod', 'stg', '--include-sites', '2', '--exclude-sites', '3'],
      2,
      /exclude-sites/,
    ],
    ['a timeout of no time', ['prod', 'stg', '--yes', '--timeout', '0'], 2, /--timeout takes minutes/],
    [
      'a failure limit that is none',
      ['prod', 'stg', '--yes', '--max-failures', '150%'],
      2,
      /--max-failures takes/,
    ],
    ['no answer without a terminal', ['prod', 'stg'], 2, /--yes/],
    ['a missing argument', ['prod'], 2, /target/i],
  ])('%s', async (_name, args, exitCode, message) => {
    await using pair = await createEnvironments({ ...SMALL, live: SMALL });
    const outcome = await refused(pair, ...args);
    expect(outcome.text).toMatch(message);
    expect(outcome.exitCode).toBe(exitCode);
  });

  it('a wrong password', async () => {
    await using pair = await createEnvironments(SMALL);
    pair.env.STG_DB_PASSWORD = 'not-the-password';
    const { exitCode, text } = await refused(pair, 'prod', 'stg', '--yes');
    expect(text).toMatch(/target "stg"/);
    expect(text).not.toContain('not-the-password');
    expect(exitCode).toBe(12);
  });

  it('an unreachable host, with both ends reported together', async () => {
    await using pair = await createEnvironments(SMALL);
    await pair.configure(config => {
      config.environments.prod.database.port = 1;
      config.environments.stg.database.port = 2;
    });
    const { exitCode, text } = await refused(pair, 'prod', 'stg', '--yes');
    expect(text).toMatch(/source "prod"/);
    expect(text).toMatch(/target "stg"/);
    expect(exitCode).toBe(4);
  });

  it('a database that is not there', async () => {
    await using pair = await createEnvironments(SMALL);
    await pair.configure(config => {
      config.environments.stg.database.name = 'no_such_database';
    });
    const { exitCode, text } = await refused(pair, 'prod', 'stg', '--yes');
    expect(text).toMatch(/no database no_such_database/);
    expect(exitCode).toBe(4);
  });

  it('a source without a network', async () => {
    await using pair = await createEnvironments(SMALL);
    await pair.configure(config => {
      config.environments.prod.tablePrefix = 'other_';
    });
    const { exitCode, text } = await refused(pair, 'prod', 'stg', '--yes');
    expect(text).toMatch(/no table other_blogs/);
    expect(exitCode).toBe(4);
  });

  it('a target user without the rights it needs, every missing one named at once', async () => {
    await using pair = await createEnvironments({ ...SMALL, targetGrants: ['GRANT SELECT, INSERT ON %.*'] });
    const { exitCode, text } = await refused(pair, 'prod', 'stg', '--yes');
    expect(text).toMatch(/lacks UPDATE, CREATE, DROP, ALTER on stg_\w+\./);
    expect(text).toMatch(/_incoming/);
    expect(text).toMatch(/_previous/);
    expect(exitCode).toBe(4);
  });

  it('a protected target that was not confirmed by name, also with --yes', async () => {
    await using pair = await createEnvironments(SMALL);
    await pair.configure(config => {
      config.environments.stg.protected = true;
    });
    const { exitCode, text } = await refused(pair, 'prod', 'stg', '--yes', '--confirm', 'prod');
    expect(text).toMatch(/--confirm stg/);
    expect(exitCode).toBe(4);
  });

  it('H27 a network with a table the target cannot swap, unless its site is left out', async () => {
    await using pair = await createEnvironments({ ...SMALL, live: SMALL });
    const { server, database } = pair.target;
    await server.query(
      `CREATE TRIGGER ${database}.audit BEFORE INSERT ON ${database}.wp_3_posts FOR EACH ROW SET NEW.ID = NEW.ID`,
    );
    // Only with this right may the plan see the trigger.
    await server.query(`GRANT TRIGGER ON ${database}.* TO '${(await targetUser(pair)).user}'@'%'`);
    const { exitCode, text } = await refused(pair, 'prod', 'stg', '--yes');
    expect(text).toMatch(/audit on wp_3_posts/);
    expect(text).toMatch(/--accept target_trigger/);
    expect(exitCode).toBe(4);

    const accepted = await pair.run(
      'env-migrate',
      'prod',
      'stg',
      '--yes',
      '--accept',
      'target_trigger',
      '--json',
    );
    expect(accepted.exitCode).toBe(0);
    expect(JSON.parse(accepted.stdout)).toMatchObject({ status: 'completed' });
  });

  it('--dry-run writes nothing anywhere, and has the same plan as text and as JSON', async () => {
    await using pair = await createEnvironments(SMALL);
    const text = await refused(pair, 'prod', 'stg', '--dry-run');
    expect(text.exitCode).toBe(0);
    expect(text.text).toMatch(/stg\.example\.edu/);
    const json = await refused(pair, 'prod', 'stg', '--dry-run', '--json');
    expect(json.exitCode).toBe(0);
    const { plan } = JSON.parse(json.text) as { plan: { totals: { sites: number }; digest: string } };
    expect(plan.totals.sites).toBe(3);
    expect(plan.digest).toMatch(/^[0-9a-f]{64}$/);
  });
});

async function targetUser(pair: Environments): Promise<{ user: string }> {
  const [row] = await pair.target.server.query<{ user: string }>(
    'SELECT User AS user FROM mysql.db WHERE Db = ?',
    [pair.target.database],
  );
  return row!;
}
