// Sites are told by their numbers, which each network gives out by itself. What the target has under a number or an
// address of another site is named before anything is changed, and replaced only when somebody has said so.

import { describe, expect, it } from 'vitest';
import type { Summary } from '../../src/migration/summary.ts';
import { createEnvironments, type Environments } from '../support/environments.ts';
import { checksumTables } from '../support/generate-network.ts';
import { killAt } from '../support/runs.ts';

const NETWORK = { sites: 2, scale: 0.02 };
const LIVE = { ...NETWORK, domain: 'stg.example.edu', seed: 2 };
const MIGRATE = ['env-migrate', 'prod', 'stg', '--yes'];

const moveSite = (
  { server, database }: Environments['source' | 'target'],
  siteId: number,
  path: string,
): Promise<unknown> =>
  server.query(`UPDATE ${database}.wp_blogs SET path = ? WHERE blog_id = ?`, [path, siteId]);

const pathsOf = async ({ server, database }: Environments['target']): Promise<Record<string, string>> => {
  const rows = await server.query<{ id: number; path: string }>(
    `SELECT blog_id AS id, path FROM ${database}.wp_blogs ORDER BY blog_id`,
  );
  return Object.fromEntries(rows.map(({ id, path }) => [id, path]));
};

const codesOf = ({ warnings }: Summary): string[] => warnings.map(({ code }) => code);

async function migrate(pair: Environments, ...flags: string[]): Promise<Summary> {
  const { exitCode, stdout, stderr } = await pair.run(...MIGRATE, '--json', ...flags);
  expect(exitCode, stderr + stdout).toBe(0);
  return JSON.parse(stdout) as Summary;
}

async function expectRefused(pair: Environments, message: RegExp, ...flags: string[]): Promise<void> {
  const { server, database } = pair.target;
  const before = await checksumTables(server, database);
  const { exitCode, stdout, stderr } = await pair.run(...MIGRATE, ...flags);
  expect(stderr + stdout).toMatch(message);
  expect(exitCode).toBe(4);
  expect(await checksumTables(server, database)).toEqual(before);
}

describe('another site of the same number', () => {
  it('F06 is not replaced: its site is left out, or somebody says that it has moved', async () => {
    await using pair = await createEnvironments({ ...NETWORK, live: LIVE });
    const { target } = pair;
    await moveSite(target, 3, '/chem/');
    const tables = (database: string) => checksumTables(target.server, database, { like: 'wp\\_3\\_%' });
    const live = await tables(target.database);
    const named =
      /site_replaces_other: .*3 \(stg\.example\.edu\/chem\/ there, to be stg\.example\.edu\/site0002\/\)/;
    await expectRefused(pair, named);
    await expectRefused(pair, named, '--sites-only');
    await expectRefused(pair, named, '--network-only');

    const { leftOut, sites } = await migrate(pair, '--accept', 'site_replaces_other');
    expect(leftOut).toEqual([{ siteId: 3, reason: '--accept site_replaces_other' }]);
    expect(sites).toMatchObject({ completed: 2 });
    expect(await pathsOf(target)).toEqual({ 1: '/', 2: '/site0001/', 3: '/chem/' });
    expect(await tables(target.database)).toEqual(live);

    const summary = await migrate(pair, '--accept', 'site_moved');
    expect(codesOf(summary)).toContain('site_moved');
    expect(await pathsOf(target)).toMatchObject({ 3: '/site0002/' });
    expect(await tables(target.previous)).toEqual(live);
    // It is ours now, and nobody is asked again.
    expect(codesOf(await migrate(pair))).not.toContain('site_moved');
  });

  it('F06 is none when a run has put it there, whatever its address at the source is by now', async () => {
    await using pair = await createEnvironments({ ...NETWORK, live: LIVE });
    const { source, target } = pair;
    await migrate(pair);
    await moveSite(source, 3, '/physics/');
    await migrate(pair, '--include-sites', '3');
    expect(await pathsOf(target)).toMatchObject({ 3: '/physics/' });
    await moveSite(source, 3, '/physics-and-astronomy/');
    const { migrationId } = await migrate(pair, '--network-only');
    // Back to an address that a run before has given.
    expect((await pair.run('env-migrate', 'rollback', migrationId, '--yes')).exitCode).toBe(0);
    expect(await pathsOf(target)).toMatchObject({ 3: '/physics/' });
    await migrate(pair, '--only-changed');
    expect(await pathsOf(target)).toMatchObject({ 3: '/physics-and-astronomy/' });

    // What somebody has made of it at the target is another matter.
    await moveSite(target, 3, '/chem/');
    await expectRefused(pair, /site_replaces_other/);
    await moveSite(target, 3, '/physics/');
    await migrate(pair);

    // Another network's site of this number is no such site.
    await pair.configure(({ environments }) => {
      environments.lab = environments.prod;
    });
    await moveSite(source, 3, '/lab/');
    const { exitCode, stderr } = await pair.run('env-migrate', 'lab', 'stg', '--yes');
    expect(stderr).toContain('site_replaces_other');
    expect(exitCode).toBe(4);
  });

  it('F06 is none in a resume whose site has moved at the source after its row had come', async () => {
    await using pair = await createEnvironments({ ...NETWORK, live: LIVE });
    const id = await killAt(pair, 'before rename', 2, ...MIGRATE, '--concurrency', '1');
    await moveSite(pair.source, 2, '/moved/');
    await moveSite(pair.source, 3, '/moved-too/');
    const { exitCode, stderr, stdout } = await pair.run('env-migrate', '--resume', id, '--yes', '--json');
    expect(exitCode, stderr + stdout).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ status: 'completed' });
  });

  it('F06 is refused in a resume that would replace what was made at the target since the plan was', async () => {
    await using pair = await createEnvironments({ ...NETWORK, live: LIVE });
    const id = await killAt(pair, 'after migration.started', 1, ...MIGRATE);
    await moveSite(pair.target, 3, '/chem/');
    const resume = (...accept: string[]) => pair.run('env-migrate', '--resume', id, '--yes', ...accept);
    expect(await resume()).toMatchObject({
      exitCode: 4,
      stderr: expect.stringContaining('site_replaces_other'),
    });
    // Its plan is made: what is left out needs another one.
    expect(await resume('--accept', 'site_replaces_other')).toMatchObject({
      exitCode: 4,
      stderr: expect.stringContaining('site 3 would be left out (--accept site_replaces_other)'),
    });
    expect(await pathsOf(pair.target)).toMatchObject({ 3: '/chem/' });
    expect((await resume('--accept', 'site_moved')).exitCode).toBe(0);
    expect(await pathsOf(pair.target)).toMatchObject({ 3: '/site0002/' });
  });

  it('F06 is asked for again where the record of it is gone', async () => {
    await using pair = await createEnvironments({ ...NETWORK, live: LIVE });
    await migrate(pair);
    await moveSite(pair.source, 3, '/physics/');
    await pair.target.server.query(`DROP DATABASE ${pair.target.staging}`);
    await expectRefused(pair, /site_replaces_other/);
    await migrate(pair, '--accept', 'site_moved');
  });
});

describe('another site at the same address', () => {
  it('F06 the site that comes is left out, or the one that is in its place goes first', async () => {
    await using pair = await createEnvironments({ ...NETWORK, live: LIVE });
    const { target } = pair;
    await target.server.query(
      `INSERT INTO ${target.database}.wp_blogs (blog_id, site_id, domain, path) VALUES (9, 1, 'STG.example.edu', '/Site0002')`,
    );
    const named = /shared_address: .*stg\.example\.edu\/site0002\/ \(sites 3 and 9 of the target\)/;
    await expectRefused(pair, named);
    await expectRefused(pair, named, '--include-sites', '3');
    await expectRefused(pair, named, '--network-only');
    const { leftOut } = await migrate(pair, '--accept', 'shared_address');
    expect(leftOut).toEqual([{ siteId: 3, reason: '--accept shared_address' }]);
    expect(await pathsOf(target)).toMatchObject({ 3: '/site0002/', 9: '/Site0002' });
    // Its tables alone make no address.
    await migrate(pair, '--sites-only');
    await target.server.query(`DELETE FROM ${target.database}.wp_blogs WHERE blog_id = 9`);
    await migrate(pair);
  });
});
