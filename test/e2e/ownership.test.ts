// Nothing at the target that no run has made is dropped, replaced or put back; and what one run has made is not another
// one's. Names say nothing of it.

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { completeMigration } from '../support/complete-migration.ts';
import { createEnvironments, type Environments } from '../support/environments.ts';
import { checksumTables, loadNetwork } from '../support/generate-network.ts';
import { addOtherSource } from '../support/other-source.ts';
import { differences, killAt, listRunIds, loadOracle, lockTable, ofType, readLines, waitForHeldQuery } from '../support/runs.ts';
import { createDatabaseName } from '../support/servers.ts';

const NETWORK = { sites: 4, scale: 0.02 };
const LIVE = { ...NETWORK, seed: 5, domain: 'stg.example.edu' };
const OF_NETWORK = /^wp_(blogs|blogmeta|site|sitemeta)$/;
const START = ['env-migrate', 'prod', 'stg', '--yes'];
/** Servers count the age of tables in seconds. */
const NEXT_SECOND_MS = 1_100;
const ONE_BY_ONE = [...START, '--concurrency', '1'];

let pair: Environments;
beforeEach(async () => {
  pair = await createEnvironments({ ...NETWORK, live: LIVE });
});
afterEach(() => pair[Symbol.asyncDispose]());

const query = (sql: string): Promise<Record<string, unknown>[]> => pair.target.server.query(sql);

/** Somebody's only copy of something. */
async function makePrecious(database: string, ...names: string[]): Promise<void> {
  await query(`CREATE DATABASE IF NOT EXISTS ${database}`);
  for (const name of names)
    await query(`CREATE TABLE ${database}.${name} (t VARCHAR(20)) AS SELECT 'the only copy' AS t`);
}

async function isPrecious(database: string, name: string): Promise<boolean> {
  const rows = await query(`SELECT t FROM ${database}.${name}`).catch(() => []);
  return rows.length === 1 && rows[0]!.t === 'the only copy';
}

describe('F01 tables of somebody else where copies are built and kept', () => {
  it.each(['staging', 'previous'] as const)(
    'in %s stop the run before it begins, each by its name',
    async place => {
      const database = pair.target[place];
      await makePrecious(database, 'wp_2_posts', 'wp_3_extra', 'notes');
      const live = await checksumTables(pair.target.server, pair.target.database);
      for (const flags of [['--dry-run'], ['--yes']]) {
        const { exitCode, stderr, stdout } = await pair.run('env-migrate', 'prod', 'stg', ...flags);
        expect(exitCode, stderr).toBe(4);
        for (const name of ['wp_2_posts', 'wp_3_extra', 'notes'])
          expect(stdout + stderr).toContain(`${database}.${name}`);
      }
      for (const name of ['wp_2_posts', 'wp_3_extra', 'notes'])
        expect(await isPrecious(database, name)).toBe(true);
      expect(await checksumTables(pair.target.server, pair.target.database)).toEqual(live);
    },
  );

  it.each(['staging', 'previous'] as const)('a whole other network as %s stays as it is', async place => {
    const database = createDatabaseName('other');
    await loadNetwork(pair.target.server, database, { ...NETWORK, seed: 8 });
    await pair.target.server.query(
      `GRANT ALL ON ${database}.* TO ${await accountOf(pair)}; ALTER DATABASE ${database} CHARACTER SET utf8mb4`,
    );
    const before = await checksumTables(pair.target.server, database);
    await pair.configure(config => {
      config.environments.stg.database[place] = database;
    });
    const { exitCode, stderr } = await pair.run(...START);
    expect(exitCode, stderr).toBe(4);
    expect(await checksumTables(pair.target.server, database)).toEqual(before);
    await query(`DROP DATABASE ${database}`);
  });

  it('one that is made while the run goes on fails its site alone, and stays', async () => {
    const { staging, previous } = pair.target;
    const held = await lockTable(pair.source.server, `${pair.source.database}.wp_2_posts`);
    const running = pair.start(...ONE_BY_ONE, '--max-failures', '100%', '--json');
    await waitForHeldQuery(pair.source.server, pair.source.database, 'wp_2_posts');
    await makePrecious(staging, 'wp_4_posts');
    await makePrecious(previous, 'wp_5_posts', 'wp_3_mine');
    await held[Symbol.asyncDispose]();
    const { exitCode, stdout, stderr } = await running;
    expect(exitCode, stderr).toBe(3);
    const failures = JSON.parse(stdout).failures as { code: string; siteIds: number[] }[];
    expect(new Set(failures.map(({ code }) => code))).toEqual(new Set(['foreign_table']));
    expect(failures.flatMap(({ siteIds }) => siteIds).toSorted()).toEqual([4, 5]);
    for (const [database, name] of [
      [staging, 'wp_4_posts'],
      [previous, 'wp_5_posts'],
      [previous, 'wp_3_mine'],
    ] as const)
      expect(await isPrecious(database, name), name).toBe(true);
    const wrong = await differences(pair, await loadOracle(pair.target.server, NETWORK));
    expect(
      wrong.every(name => /^wp_[45]_/.test(name)),
      wrong.join(),
    ).toBe(true);
  });
});

describe('what somebody has put into the previous database since', () => {
  it('is not put back by a rollback, and not removed by a cleanup', async () => {
    const before = await checksumTables(pair.target.server, pair.target.database);
    const id = await completeMigration(pair);
    await makePrecious(pair.target.previous, 'wp_2_backup');
    const { exitCode, stderr } = await pair.run('env-migrate', 'rollback', id, '--yes');
    expect(exitCode, stderr).toBe(0);
    expect(await checksumTables(pair.target.server, pair.target.database)).toEqual(before);
    await pair.run('env-migrate', 'cleanup', id, '--yes');
    expect(await isPrecious(pair.target.previous, 'wp_2_backup')).toBe(true);
  });

  it('in place of what the run had kept, is not taken for it', async () => {
    const id = await completeMigration(pair);
    const { previous, database } = pair.target;
    await sleep(NEXT_SECOND_MS);
    await query(`DROP TABLE ${previous}.wp_2_posts`);
    await makePrecious(previous, 'wp_2_posts');
    const live = await checksumTables(pair.target.server, database);
    const { exitCode, stdout, stderr } = await pair.run('env-migrate', 'rollback', id, '--yes');
    expect(exitCode, stderr).toBe(3);
    expect(stdout).toContain(`${previous}.wp_2_posts (made anew since ${id})`);
    expect(await isPrecious(previous, 'wp_2_posts')).toBe(true);
    const after = await checksumTables(pair.target.server, database);
    for (const [name, checksum] of live) if (name.startsWith('wp_2_')) expect(after.get(name)).toBe(checksum);
    const next = await pair.run(...START, '--include-sites', '2', '--sites-only');
    expect(next.exitCode, next.stderr).toBe(3);
    expect(await isPrecious(previous, 'wp_2_posts')).toBe(true);
  });
});

describe('two runs that die on one target, from different sources', () => {
  const OTHER = { ...NETWORK, seed: 7 };

  async function killOther(point: string, ...flags: string[]): Promise<string> {
    const before = await listRunIds(join(pair.cwd, 'logs'));
    pair.env.WFUWP_KILL_AT = point;
    const { signal } = await pair.start(
      'env-migrate',
      'prod2',
      'stg',
      '--yes',
      '--concurrency',
      '1',
      ...flags,
    );
    delete pair.env.WFUWP_KILL_AT;
    expect(signal).toBe('SIGKILL');
    const after = await listRunIds(join(pair.cwd, 'logs'));
    return after.find(id => !before.includes(id))!;
  }

  it.each(['mid table#3', 'after table.copied#9', 'before rename#1'])(
    'the first one, resumed, does not swap in what the second had built when it died at "%s"',
    async point => {
      await using _other = await addOtherSource(pair, OTHER);
      const id = await killAt(pair, 'before rename', 1, ...ONE_BY_ONE, '--sites-only');
      await killOther(point, '--sites-only');
      const { exitCode, stderr } = await pair.run('env-migrate', '--resume', id, '--yes');
      expect(exitCode, stderr).toBe(0);
      const wrong = await differences(pair, await loadOracle(pair.target.server, NETWORK));
      expect(wrong.filter(name => !OF_NETWORK.test(name))).toEqual([]);
    },
  );

  it('the first one is not resumed over what the second has migrated since, unless that is accepted', async () => {
    await using _other = await addOtherSource(pair, OTHER);
    const id = await killAt(pair, 'before rename', 4, ...ONE_BY_ONE);
    const later = await killOther('before rename#4');
    const live = await checksumTables(pair.target.server, pair.target.database);
    const refused = await pair.run('env-migrate', '--resume', id, '--yes');
    expect(refused.exitCode, refused.stderr).toBe(4);
    expect(refused.stderr).toContain(`The later run ${later} has migrated the network tables and sites`);
    expect(await checksumTables(pair.target.server, pair.target.database)).toEqual(live);

    const accepted = await pair.run(
      'env-migrate',
      '--resume',
      id,
      '--yes',
      '--json',
      '--accept',
      'later_run',
    );
    expect(accepted.exitCode, accepted.stderr).toBe(0);
    const { warnings } = JSON.parse(accepted.stdout) as { warnings: { code: string; message: string }[] };
    expect(warnings.find(({ code }) => code === 'later_run')?.message).toContain(later);
    const lines = await readLines(join(pair.cwd, 'logs', id));
    const resumed = lines.findLastIndex(line => line.type === 'migration.resumed');
    const done = ofType(lines.slice(resumed), 'site.completed').map(({ siteId }) => siteId);
    const wrong = await differences(pair, await loadOracle(pair.target.server, NETWORK));
    for (const siteId of done) expect(wrong.filter(name => name.startsWith(`wp_${siteId}_`))).toEqual([]);
  });
});

describe('tables in staging that are not what was proven when the run died', () => {
  it('with other rows: the site is not swapped in, and is copied again on request', async () => {
    const id = await killAt(pair, 'before rename', 2, ...ONE_BY_ONE, '--sites-only');
    const [table] = await query(
      `SELECT TABLE_NAME AS name FROM information_schema.TABLES
       WHERE TABLE_SCHEMA = '${pair.target.staging}' AND TABLE_NAME LIKE 'wp%posts'`,
    );
    await query(`UPDATE ${pair.target.staging}.${String(table!.name)} SET post_title = 'changed' LIMIT 1`);
    const { exitCode, stderr, stdout } = await pair.run('env-migrate', '--resume', id, '--yes');
    expect(exitCode, stderr).toBe(3);
    expect(stdout).toContain('checksum');
    const retried = await pair.run('env-migrate', '--resume', id, '--yes', '--retry-failed');
    expect(retried.exitCode, retried.stderr).toBe(0);
    const wrong = await differences(pair, await loadOracle(pair.target.server, NETWORK));
    expect(wrong.filter(name => !OF_NETWORK.test(name))).toEqual([]);
  });

  it('but somebody else made by their names: they are left alone', async () => {
    const id = await killAt(pair, 'before rename', 2, ...ONE_BY_ONE, '--sites-only');
    const { staging } = pair.target;
    const [table] = await query(
      `SELECT TABLE_NAME AS name FROM information_schema.TABLES
       WHERE TABLE_SCHEMA = '${staging}' AND TABLE_NAME LIKE 'wp%posts'`,
    );
    const name = String(table!.name);
    await sleep(NEXT_SECOND_MS);
    await query(`DROP TABLE ${staging}.${name}`);
    await makePrecious(staging, name);
    await pair.run('env-migrate', '--resume', id, '--yes');
    expect(await isPrecious(staging, name)).toBe(true);
  });
});

async function accountOf({ configure }: Environments): Promise<string> {
  let user = '';
  await configure(config => {
    user = config.environments.stg.database.user;
  });
  return `'${user}'@'%'`;
}
