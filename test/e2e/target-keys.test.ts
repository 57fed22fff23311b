// Foreign keys at the target that lead from what stays to what is swapped, or back: RENAME TABLE takes a key along, and
// the table that stays would refer to a kept one from then on. Named before anything is changed; and never bound anew.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Summary } from '../../src/migration/summary.ts';
import { createEnvironments, type EnvironmentOptions, type Environments } from '../support/environments.ts';
import { checksumTables } from '../support/generate-network.ts';
import { startMysqlServer, whyNoMysql } from '../support/mysql-server.ts';
import type { PrivateServer } from '../support/private-server.ts';
import { killAt, lockTable, waitForHeldQuery } from '../support/runs.ts';
import { createDatabaseName, useServers } from '../support/servers.ts';

const NETWORK = { sites: 3, scale: 0.02 };
const LIVE = { ...NETWORK, domain: 'stg.example.edu', seed: 2 };
const MIGRATE = ['env-migrate', 'prod', 'stg', '--yes'];

const create = (options: EnvironmentOptions = {}): Promise<Environments> =>
  createEnvironments({ ...NETWORK, live: LIVE, ...options });

const atTarget = ({ target }: Environments, sql: string): Promise<Record<string, unknown>[]> =>
  target.server.query(`USE ${target.database}; ${sql}`);

const makeChild = (pair: Environments, table: string, parent: string): Promise<unknown> =>
  atTarget(
    pair,
    `CREATE TABLE ${table} (id INT PRIMARY KEY, p BIGINT UNSIGNED,
       CONSTRAINT of_${table} FOREIGN KEY (p) REFERENCES ${parent} (ID))`,
  );

/** Every foreign key of the server into or out of the target's databases. */
async function listKeys({ target: { server, database } }: Environments): Promise<string[]> {
  const rows = await server.query<Record<string, string>>(
    `SELECT CONCAT_WS(' ', CONSTRAINT_SCHEMA, TABLE_NAME, UNIQUE_CONSTRAINT_SCHEMA, REFERENCED_TABLE_NAME) AS k
     FROM information_schema.REFERENTIAL_CONSTRAINTS
     WHERE CONSTRAINT_SCHEMA LIKE ? OR UNIQUE_CONSTRAINT_SCHEMA LIKE ? ORDER BY k`,
    [`${database}%`, `${database}%`],
  );
  return rows.map(row => row.k!);
}

async function expectRefused(
  pair: Environments,
  names: readonly string[],
  ...flags: string[]
): Promise<void> {
  const { server, database } = pair.target;
  const picture = async (): Promise<unknown> => [
    await checksumTables(server, database),
    await listKeys(pair),
  ];
  const before = await picture();
  const { exitCode, stderr, stdout } = await pair.run(...MIGRATE, ...flags);
  expect(exitCode, stderr + stdout).toBe(4);
  expect(stderr).toContain('target_foreign_key: ');
  for (const name of names) expect(stderr).toContain(name);
  expect(await picture()).toEqual(before);
}

async function migrate(pair: Environments, ...flags: string[]): Promise<Summary> {
  const { exitCode, stdout, stderr } = await pair.run(...MIGRATE, '--json', ...flags);
  expect(exitCode, stderr + stdout).toBe(0);
  return JSON.parse(stdout) as Summary;
}

async function grantProcess(pair: Environments): Promise<void> {
  let writer = '';
  await pair.configure(({ environments }) => {
    writer = environments.stg.database.user;
  });
  await pair.target.server.query(`GRANT PROCESS ON *.* TO '${writer}'@'%'`);
}

let mysql: PrivateServer | undefined;
beforeAll(async () => {
  if (!whyNoMysql) mysql = await startMysqlServer();
});
afterAll(() => mysql?.stop());

describe.each(['MariaDB', 'MySQL'])('foreign keys at a target of %s', flavour => {
  const skip = flavour === 'MySQL' && whyNoMysql !== '';
  const open = (options: EnvironmentOptions = {}): Promise<Environments> => {
    const { source, target } = useServers();
    return create({ ...options, servers: { source, target: flavour === 'MySQL' ? mysql! : target } });
  };

  it.skipIf(skip)(
    `F04 of tables that stay, to one that is swapped: its site is left out${whyNoMysql}`,
    async () => {
      await using pair = await open();
      await makeChild(pair, 'crm_notes', 'wp_2_posts');
      await makeChild(pair, 'wp_3_related', 'wp_2_posts');
      await makeChild(pair, 'wp_4_mine', 'wp_4_posts');
      const keys = await listKeys(pair);
      const named = ['crm_notes.of_crm_notes → wp_2_posts', 'wp_3_related.of_wp_3_related → wp_2_posts'];
      await expectRefused(pair, named, '--include-sites', '2');
      await expectRefused(pair, named);
      await expectRefused(pair, named.slice(1), '--include-sites', '3');
      const { leftOut, sites, warnings } = await migrate(pair, '--accept', 'target_foreign_key');
      expect(leftOut.map(({ siteId }) => siteId)).toEqual([2, 3]);
      expect(sites).toMatchObject({ completed: 2, failed: 0 });
      expect(warnings.map(({ code }) => code)).toContain('target_foreign_keys_unseen');
      // Site 4's own key has gone with both of its tables.
      const moved = keys.map(key =>
        key.includes('wp_4_') ? key.replaceAll(pair.target.database, pair.target.previous) : key,
      );
      expect(await listKeys(pair)).toEqual(moved.sort());
      await atTarget(
        pair,
        'INSERT INTO wp_2_posts SELECT * FROM wp_2_posts LIMIT 0; INSERT INTO crm_notes VALUES (1, 1)',
      );
    },
  );

  it.skipIf(skip)(
    `F04 of a table that leaves, to one that stays, and of users that are replaced${whyNoMysql}`,
    async () => {
      await using pair = await open();
      await makeChild(pair, 'wp_3_members', 'wp_users');
      const member = 'wp_3_members.of_wp_3_members → wp_users';
      await expectRefused(pair, [member]);
      await expectRefused(pair, [member], '--sites-only');
      expect((await migrate(pair, '--sites-only', '--accept', 'target_foreign_key')).leftOut).toEqual([
        { siteId: 3, reason: '--accept target_foreign_key' },
      ]);
      await migrate(pair, '--network-only');
      for (const users of ['copy', 'merge']) {
        await pair.configure(config => {
          config.network = { users };
        });
        await expectRefused(
          pair,
          [member, '--sites-only'],
          '--accept',
          'target_foreign_key',
          '--network-only',
        );
      }
      await atTarget(pair, 'DROP TABLE wp_3_members');
      await makeChild(pair, 'crm_owner', 'wp_users');
      await expectRefused(pair, ['crm_owner.of_crm_owner → wp_users'], '--network-only');
      await migrate(pair, '--sites-only', '--accept', 'user_other_email');
    },
  );

  it.skipIf(skip)(`F04 of other databases, where the user may see them${whyNoMysql}`, async () => {
    await using pair = await open();
    const { server } = pair.target;
    const other = `${createDatabaseName('o')}-x`;
    await server.query(`CREATE DATABASE \`${other}\``);
    try {
      await server.query(
        `CREATE TABLE \`${other}\`.\`nötes-2\` (id INT PRIMARY KEY, p BIGINT UNSIGNED,
           CONSTRAINT deep FOREIGN KEY (p) REFERENCES ${pair.target.database}.wp_3_posts (ID))`,
      );
      const blind = await pair.run(...MIGRATE, '--dry-run', '--json');
      expect(blind.stdout).toContain('target_foreign_keys_unseen');
      expect(blind.stdout).not.toContain('nötes-2');
      await grantProcess(pair);
      await expectRefused(pair, [`${other}.nötes-2.deep → wp_3_posts`]);
      const { leftOut, warnings } = await migrate(pair, '--accept', 'target_foreign_key');
      expect(leftOut.map(({ siteId }) => siteId)).toContain(3);
      expect(warnings.map(({ code }) => code)).not.toContain('target_foreign_keys_unseen');
    } finally {
      await server.query(`DROP DATABASE \`${other}\``);
    }
  });

  it.skipIf(skip)(
    `F04 within a site, also to itself: they go and come back with it${whyNoMysql}`,
    async () => {
      await using pair = await open();
      await atTarget(
        pair,
        `CREATE TABLE wp_2_tree (id INT PRIMARY KEY, up INT, post BIGINT UNSIGNED,
         FOREIGN KEY (up) REFERENCES wp_2_tree (id), FOREIGN KEY (post) REFERENCES wp_2_posts (ID))`,
      );
      await pair.source.server.query(
        `USE ${pair.source.database}; CREATE TABLE wp_2_tree (id INT PRIMARY KEY, up INT, post BIGINT UNSIGNED,
         FOREIGN KEY (up) REFERENCES wp_2_tree (id), FOREIGN KEY (post) REFERENCES wp_2_posts (ID))`,
      );
      const before = await listKeys(pair);
      const { migrationId } = await migrate(pair);
      const kept = before.map(key => key.replaceAll(pair.target.database, pair.target.previous));
      expect(await listKeys(pair)).toEqual([...before, ...kept].sort());
      expect((await pair.run('env-migrate', 'rollback', migrationId, '--yes')).exitCode).toBe(0);
      expect(await listKeys(pair)).toEqual(before);
    },
  );

  it.skipIf(skip)(`F04 made while the run goes on: told in the end${whyNoMysql}`, async () => {
    await using pair = await open();
    const held = await lockTable(pair.source.server, `${pair.source.database}.wp_3_posts`);
    const running = pair.start(...MIGRATE, '--json');
    await waitForHeldQuery(pair.source.server, pair.source.database, 'wp_3_posts');
    await makeChild(pair, 'crm_notes', 'wp_3_posts');
    await held[Symbol.asyncDispose]();
    const { exitCode, stdout, stderr } = await running;
    expect(exitCode, stderr + stdout).toBe(3);
    const { validationResults, status } = JSON.parse(stdout) as Summary;
    expect(status).toBe('completed');
    expect(validationResults).toMatchObject([
      {
        test: 'foreign_keys',
        passed: false,
        error: expect.stringContaining(`crm_notes.of_crm_notes → ${pair.target.previous}.wp_3_posts`),
      },
    ]);
    // What it leads to now would be dropped by the next run.
    await expectRefused(pair, [`crm_notes.of_crm_notes → ${pair.target.previous}.wp_3_posts`]);
    await atTarget(pair, 'DROP TABLE crm_notes');
    await migrate(pair, '--only-changed');
  });
});

describe('foreign keys between a run and what comes after it', () => {
  it('F04 a resume asks for those of the sites that are left', async () => {
    await using pair = await create();
    const id = await killAt(pair, 'before rename', 3, ...MIGRATE, '--concurrency', '1');
    const resume = () => pair.run('env-migrate', '--resume', id, '--yes');
    const [done] = (await atTarget(
      pair,
      `SELECT REPLACE(REPLACE(TABLE_NAME, 'wp_', ''), '_posts', '') AS site FROM information_schema.TABLES
       WHERE TABLE_SCHEMA = '${pair.target.previous}' AND TABLE_NAME LIKE 'wp\\_%posts'`,
    )) as { site: string }[];
    const finished = done!.site === 'posts' ? 'wp_posts' : `wp_${done!.site}_posts`;
    await makeChild(pair, 'crm_notes', finished);
    const left = finished === 'wp_2_posts' ? 'wp_3_posts' : 'wp_2_posts';
    await makeChild(pair, 'crm_more', left);
    expect(await resume()).toMatchObject({
      exitCode: 4,
      stderr: expect.stringContaining(`takes them along: crm_more.of_crm_more → ${left}.`),
    });
    await atTarget(pair, 'DROP TABLE crm_more');
    const { exitCode, stderr } = await resume();
    expect(exitCode, stderr).toBe(0);
    expect(await listKeys(pair)).toEqual([
      `${pair.target.database} crm_notes ${pair.target.database} ${finished}`,
    ]);
  });

  it('F04 a rollback leaves a site alone that a table which stays refers to', async () => {
    await using pair = await create();
    const { migrationId } = await migrate(pair);
    await makeChild(pair, 'crm_notes', 'wp_2_posts');
    const keys = await listKeys(pair);
    const rollBack = (...flags: string[]) =>
      pair.run('env-migrate', 'rollback', migrationId, '--yes', '--json', ...flags);
    const alone = await rollBack('--sites', '2');
    expect(alone.exitCode).toBe(4);
    expect(alone.stdout + alone.stderr).toContain('crm_notes.of_crm_notes → wp_2_posts');
    const all = await rollBack();
    expect(all.exitCode).toBe(3);
    const { units } = JSON.parse(all.stdout) as { units: { siteId: number; status: string }[] };
    expect(units.filter(({ status }) => status !== 'rolled_back')).toMatchObject([
      { siteId: 2, status: 'refused' },
    ]);
    expect(await listKeys(pair)).toEqual(keys);
    await atTarget(pair, 'DROP TABLE crm_notes');
    expect((await rollBack()).exitCode).toBe(0);
  });
});
