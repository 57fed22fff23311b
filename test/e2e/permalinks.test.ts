// H61: each site's compiled permalinks arrive empty, and what the target's WordPress then makes of them is no change.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Summary } from '../../src/migration/summary.ts';
import { completeMigration } from '../support/complete-migration.ts';
import { createEnvironments, type Environments } from '../support/environments.ts';
import { useServers } from '../support/servers.ts';

const NETWORK = { sites: 2, scale: 0.02 };
const TABLES = ['wp_options', 'wp_2_options', 'wp_3_options'];
const { source: server } = useServers();

const readRules = async ({ target }: Environments): Promise<unknown[]> => {
  const select = TABLES.map(
    table =>
      `SELECT option_value AS v FROM ${target.database}.${table} WHERE option_name = 'rewrite_rules' AND autoload = 'yes'`,
  );
  const rows = await target.server.query<{ v: string }>(select.join(' UNION ALL '));
  return rows.map(({ v }) => v);
};

const write = ({ target }: Environments, name: string): Promise<unknown> =>
  target.server.query(
    `USE ${target.database}; ${TABLES.map(table => `UPDATE ${table} SET option_value = 'a:0:{}' WHERE option_name = '${name}'`).join(';')}`,
  );

const readSummary = async ({ cwd }: Environments, id: string): Promise<Summary> =>
  JSON.parse(await readFile(join(cwd, 'logs', id, 'migration-summary.json'), 'utf8')) as Summary;

it.each([
  ['from server to server', {}],
  ['within one server', { servers: { source: server, target: server }, targetReadsSource: true }],
])('compiled permalinks are made fresh %s', async (_where, where) => {
  await using pair = await createEnvironments({ ...NETWORK, ...where });
  await pair.configure(config => {
    delete config.tables.refreshPermalinks;
  });
  const id = await completeMigration(pair);
  expect(await readRules(pair)).toEqual(['', '', '']);
  expect((await readSummary(pair, id)).treatment.treated).toEqual([
    { rule: 'refresh_permalinks', table: 'options', rows: 0, values: 3, sites: 3 },
  ]);

  const verify = async (...what: string[]) => (await pair.run('env-migrate', 'verify', ...what)).exitCode;
  const migrateChanged = async () => {
    const { sites } = await readSummary(pair, await completeMigration(pair, '--only-changed'));
    return sites.unchanged;
  };
  await write(pair, 'rewrite_rules');
  expect([await verify(id), await verify('prod', 'stg')]).toEqual([0, 0]);
  expect(await migrateChanged()).toBe(3);
  expect(await readRules(pair)).toEqual(['a:0:{}', 'a:0:{}', 'a:0:{}']);

  await write(pair, 'blogname');
  expect(await verify(id)).toBe(3);
  expect(await migrateChanged()).toBe(0);
  expect(await readRules(pair)).toEqual(['', '', '']);
});
