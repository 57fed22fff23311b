// --only-changed: a site is skipped only when it is proven to be as the last migration left it, on both sides.

import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { completeMigration } from '../support/complete-migration.ts';
import { createEnvironments, type Environments } from '../support/environments.ts';
import { checksumTables, loadNetwork } from '../support/generate-network.ts';
import { ofType, onlyRunId, readLines } from '../support/runs.ts';
import { createDatabaseName } from '../support/servers.ts';
import { startWfuwp, wfuwp } from '../support/wfuwp.ts';

const SMALL = { sites: 2, scale: 0.02 };
const KNOWN_NOTHING = 'no earlier copy is known';

/** What one thing does to site N, in a database of the source or the target; and what is said of it then. */
const CHANGES: readonly (readonly [what: string, end: 'source' | 'target', sql: string, said: string])[] = [
  [
    'an update',
    'source',
    "UPDATE wp_N_posts SET post_title = 'New' LIMIT 1",
    'wp_N_posts: rows on the source changed',
  ],
  [
    'an insert',
    'source',
    "INSERT INTO wp_N_terms (name, slug) VALUES ('a', 'a')",
    'wp_N_terms: definition on the source changed',
  ],
  ['a deletion', 'source', 'DELETE FROM wp_N_postmeta LIMIT 1', 'wp_N_postmeta: rows on the source changed'],
  [
    'two rows that exchange a value',
    'source',
    `SET @one = (SELECT post_title FROM wp_N_posts WHERE ID = 1), @other = (SELECT post_title FROM wp_N_posts WHERE ID = 2);
     UPDATE wp_N_posts SET post_title = IF(ID = 1, @other, @one) WHERE ID IN (1, 2)`,
    'wp_N_posts: rows on the source changed',
  ],
  [
    'a row that came and went',
    'source',
    "INSERT INTO wp_N_terms (name, slug) VALUES ('a', 'a'); DELETE FROM wp_N_terms WHERE slug = 'a'",
    'wp_N_terms: definition on the source changed',
  ],
  [
    'an index',
    'source',
    'ALTER TABLE wp_N_posts ADD INDEX extra (post_title(10))',
    'wp_N_posts: definition on the source changed',
  ],
  [
    'a column',
    'source',
    'ALTER TABLE wp_N_options ADD COLUMN extra INT',
    'wp_N_options: definition on the source changed',
  ],
  ['a new table', 'source', 'CREATE TABLE wp_N_extra (id INT PRIMARY KEY)', 'wp_N_extra: new on the source'],
  ['a dropped table', 'source', 'DROP TABLE wp_N_redirects', 'wp_N_redirects: gone from the source'],
  [
    'an update',
    'target',
    "UPDATE wp_N_options SET option_value = 'New' LIMIT 1",
    'wp_N_options: rows on the target changed',
  ],
  [
    'a NULL for an empty text',
    'target',
    'UPDATE wp_N_postmeta SET meta_value = NULL LIMIT 1',
    'wp_N_postmeta: rows on the target changed',
  ],
  [
    'an index',
    'target',
    'ALTER TABLE wp_N_posts ADD INDEX extra (post_title(10))',
    'wp_N_posts: definition on the target changed',
  ],
  ['a new table', 'target', 'CREATE TABLE wp_N_extra (id INT PRIMARY KEY)', 'wp_N_extra: new on the target'],
  ['a dropped table', 'target', 'DROP TABLE wp_N_redirects', "doesn't exist"],
];

describe('--only-changed', () => {
  it('copies each site that has changed on either side, says what has, and skips the others', async () => {
    // Two more: site 1, and one at the end that nothing happens to.
    await using pair = await createEnvironments({ sites: CHANGES.length + 1, scale: 0.02 });
    await completeMigration(pair);
    const said = new Map<number, string>();
    for (const [index, [, end, sql, text]] of CHANGES.entries()) {
      const siteId = index + 2;
      const { server, database } = pair[end];
      await server.query(`USE ${database}; ${sql.replaceAll('_N_', `_${siteId}_`)}`);
      said.set(siteId, text.replaceAll('_N_', `_${siteId}_`));
    }

    const run = await migrateChanged(pair);
    for (const [siteId, text] of said) {
      expect(run.changes.get(siteId), CHANGES[siteId - 2]!.slice(0, 2).join(' at the ')).toContain(text);
    }
    expect(run.skipped).toEqual([1, CHANGES.length + 2]);
    expect(run.sites).toMatchObject({ completed: CHANGES.length, skipped: 2, unchanged: 2 });
    // The target is what a full migration would make of the source.
    const found = await checksumTables(pair.target.server, pair.target.database);
    await completeMigration(pair);
    expect(await checksumTables(pair.target.server, pair.target.database)).toEqual(found);
  });

  it('copies exactly the one site that has changed; then the target equals the oracle', async () => {
    const network = { sites: 4, scale: 0.05 };
    await using pair = await createEnvironments(network);
    const { source, target } = pair;
    const oracle = createDatabaseName('oracle');
    await loadNetwork(target.server, oracle, {
      ...network,
      domain: 'stg.example.edu',
      emailDomain: 'prod.example.edu',
    });
    await completeMigration(pair);
    const write = (host: string, database: string): string =>
      `UPDATE ${database}.wp_3_posts SET post_content = '<a href="https://${host}/x">' WHERE ID = 5`;
    await source.server.query(write('prod.example.edu', source.database));
    await target.server.query(write('stg.example.edu', oracle));

    const run = await migrateChanged(pair);
    expect([...run.changes]).toEqual([[3, 'wp_3_posts: rows on the source changed']]);
    expect(run.skipped).toEqual([1, 2, 4, 5]);
    const expected = await checksumTables(target.server, oracle);
    for (const table of ['wp_users', 'wp_usermeta']) expected.delete(table);
    expect(await checksumTables(target.server, target.database)).toEqual(expected);
    await target.server.query(`DROP DATABASE ${oracle}`);
  });

  it('copies what would be copied in another way', async () => {
    await using pair = await createEnvironments(SMALL);
    const { source } = pair;
    const twin = createDatabaseName('twin');
    await completeMigration(pair);
    await loadNetwork(source.server, twin, SMALL);
    const expectCopied = async (why: string): Promise<void> => {
      const { changes } = await migrateChanged(pair, '--include-sites', '2');
      expect([...changes]).toEqual([[2, why]]);
    };
    await pair.configure(config => {
      config.rewrite = { pairs: [{ from: 'files.example.org', to: 'files.example.net' }] };
    });
    await expectCopied('what decides a copy changed: rules');
    await pair.configure(config => {
      config.rewrite.emails = 'rewrite';
      config.rewrite.skipColumns = ['options.secret'];
    });
    await expectCopied('what decides a copy changed: emails, skipColumns');
    const [reader] = await source.server.query<{ user: string }>(
      'SELECT User AS user FROM mysql.db WHERE Db = ?',
      [source.database],
    );
    await source.server.query(`GRANT SELECT ON ${twin}.* TO '${reader!.user}'@'%'`);
    await pair.configure(config => {
      config.environments.prod.database.name = twin;
    });
    await expectCopied('what decides a copy changed: source');
    expect((await migrateChanged(pair, '--include-sites', '2')).skipped).toEqual([2]);
    await source.server.query(`DROP DATABASE ${twin}`);
  });

  it('copies again what was rolled back, and still skips after a cleanup', async () => {
    await using pair = await createEnvironments({ ...SMALL, live: { ...SMALL, domain: 'stg.example.edu' } });
    const id = await completeMigration(pair);
    await pair.run('env-migrate', 'rollback', id, '--sites', '2', '--yes');
    expect((await pair.run('env-migrate', 'cleanup', id, '--yes')).exitCode).toBe(0);
    const run = await migrateChanged(pair);
    expect([...run.changes]).toEqual([[2, KNOWN_NOTHING]]);
    expect(run.skipped).toEqual([1, 3]);
  });

  it('copies again when what is known of earlier copies is gone or torn', async () => {
    await using pair = await createEnvironments(SMALL);
    const { server, staging } = pair.target;
    await completeMigration(pair);
    await server.query(`UPDATE ${staging}.wfuwp_copied SET copied = '{"tables":[' WHERE site_id = 2`);
    expect([...(await migrateChanged(pair)).changes]).toEqual([[2, KNOWN_NOTHING]]);
    await server.query(`DROP TABLE ${staging}.wfuwp_copied`);
    expect((await migrateChanged(pair)).changes.size).toBe(3);
  });

  it('knows nothing of a site whose migration died between the cutover and writing it down', async () => {
    await using pair = await createEnvironments(SMALL);
    await completeMigration(pair);
    const env = { ...pair.env, WFUWP_KILL_AT: 'after rename, before its record' };
    const args = ['env-migrate', 'prod', 'stg', '--yes', '--sites-only', '--include-sites', '2'];
    expect((await startWfuwp(args, { cwd: pair.cwd, env })).signal).toBe('SIGKILL');
    const run = await migrateChanged(pair);
    expect([...run.changes]).toEqual([[2, KNOWN_NOTHING]]);
    expect(run.skipped).toEqual([1, 3]);
  });

  it('leaves a skipped site skipped when the run is resumed, and tells of it', async () => {
    await using pair = await createEnvironments(SMALL);
    await completeMigration(pair);
    const { server, database } = pair.source;
    await server.query(`UPDATE ${database}.wp_2_posts SET post_title = 'New' LIMIT 1`);
    const args = ['env-migrate', 'prod', 'stg', '--yes', '--only-changed', '--log-dir', 'changed'];
    const env = { ...pair.env, WFUWP_KILL_AT: 'before migration.ended' };
    expect((await startWfuwp(args, { cwd: pair.cwd, env })).signal).toBe('SIGKILL');
    const id = await onlyRunId(pair, 'changed');
    const resumed = await pair.run('env-migrate', '--resume', id, '--yes', '--log-dir', 'changed');
    expect(resumed.exitCode, resumed.stderr).toBe(0);
    expect(resumed.stdout).toContain('1 of 3 sites migrated (2 unchanged)');
    expect(resumed.stdout).toContain('2 sites, unchanged since the last migration');
    const lines = await readLines(join(pair.cwd, 'changed', id));
    expect(
      ofType(lines, 'site.skipped')
        .map(line => line.siteId)
        .sort(),
    ).toEqual([1, 3]);
    const status = await pair.run('env-migrate', 'status', id, '--log-dir', 'changed');
    expect(status.stdout).toContain('1 of 3 sites done, 2 unchanged');
    const all = await pair.run('env-migrate', 'prod', 'stg', '--yes', '--only-changed');
    expect(all.stderr).toContain('skipped (unchanged)');
    expect(all.stdout).toContain('All 3 sites are unchanged since the last migration');
  });

  it('makes a plan as ever with --dry-run, and says that the run decides', async () => {
    await using pair = await createEnvironments(SMALL);
    const { stdout, exitCode } = await wfuwp(
      ['env-migrate', 'prod', 'stg', '--dry-run', '--only-changed'],
      pair,
    );
    expect(exitCode).toBe(0);
    expect(stdout).toContain('--only-changed');
  });
});

interface ChangedRun {
  readonly sites: Record<string, number>;
  /** Site → what it was copied for. */
  readonly changes: ReadonlyMap<number, string>;
  readonly skipped: readonly number[];
}

async function migrateChanged(pair: Environments, ...flags: string[]): Promise<ChangedRun> {
  const { exitCode, stdout, stderr } = await pair.run(
    ...['env-migrate', 'prod', 'stg', '--yes', '--json', '--only-changed', ...flags],
  );
  expect(exitCode, stderr + stdout).toBe(0);
  const { migrationId, sites, unchanged } = JSON.parse(stdout) as {
    migrationId: string;
    sites: ChangedRun['sites'];
    unchanged: number[];
  };
  const lines = await readLines(join(pair.cwd, 'logs', migrationId));
  const found = ofType(lines, 'step.completed').filter(line => line.step === 'find_changes');
  const changes = found.flatMap(({ siteId, data }) =>
    typeof data?.changed === 'string' ? [[siteId, data.changed] as const] : [],
  );
  const skipped = ofType(lines, 'site.skipped').filter(line => line.reason === 'unchanged');
  expect(unchanged).toEqual(skipped.map(line => line.siteId).sort((a, b) => a - b));
  return {
    sites,
    changes: new Map(changes.sort(([a], [b]) => a - b)),
    skipped: unchanged,
  };
}
