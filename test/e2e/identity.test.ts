// A name is no identity: an address that leads elsewhere, a database that was replaced, environments that were exchanged.

import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { completeMigration } from '../support/complete-migration.ts';
import { createEnvironments, type Environments } from '../support/environments.ts';
import { checksumTables, loadNetwork, type NetworkOptions } from '../support/generate-network.ts';
import { type MariadbEndpoint, startMariadbServer } from '../support/mariadb-server.ts';
import { differences, killAt, loadOracle } from '../support/runs.ts';
import { useServers } from '../support/servers.ts';

const NETWORK: NetworkOptions = { sites: 3, scale: 0.02 };
const STRANGER: NetworkOptions = { sites: 3, scale: 0.02, seed: 9 };
const START = ['env-migrate', 'prod', 'stg', '--yes'];

let pair: Environments;
beforeEach(async () => {
  pair = await createEnvironments({ ...NETWORK, live: { ...NETWORK, seed: 5, domain: 'stg.example.edu' } });
});
afterEach(() => pair[Symbol.asyncDispose]());

/** Another server that has a database of that name, with another network in it, and lets the environment's user in. */
async function makeStranger(
  environment: 'prod' | 'stg',
  server: MariadbEndpoint,
  network: NetworkOptions = STRANGER,
): Promise<AsyncDisposable & { checksums(): Promise<Map<string, string>> }> {
  let account = '';
  await pair.configure(config => {
    account = config.environments[environment].database.user;
  });
  const { database } = environment === 'prod' ? pair.source : pair.target;
  const password = pair.env[environment === 'prod' ? 'PROD_DB_PASSWORD' : 'STG_DB_PASSWORD'];
  await server.query(`CREATE DATABASE ${database}`);
  await loadNetwork(server, database, network);
  await server.query(`CREATE USER '${account}'@'%' IDENTIFIED BY '${password}'`);
  await server.query(`GRANT ALL ON *.* TO '${account}'@'%'`);
  await pair.configure(config => {
    config.environments[environment].database.port = server.port;
  });
  return {
    checksums: () => checksumTables(server, database),
    async [Symbol.asyncDispose]() {
      for (const suffix of ['', '_incoming', '_previous'])
        await server.query(`DROP DATABASE IF EXISTS ${database}${suffix}`);
      await server.query(`DROP USER '${account}'@'%'`);
    },
  };
}

describe('a run that was killed half-way', () => {
  it.each(['before rename', 'phase begins'] as const)(
    'killed at "%s", is not resumed on a stranger with a database of the same name',
    async point => {
      const id = await killAt(pair, point, 3, ...START, '--concurrency', '1');
      await using stranger = await makeStranger('stg', pair.source.server);
      const before = await stranger.checksums();

      const { exitCode, stderr } = await pair.run('env-migrate', '--resume', id, '--yes');

      expect(exitCode, stderr).toBe(4);
      expect(stderr).toContain(`The database ${pair.target.database} of the target "stg" is another one`);
      expect(await stranger.checksums()).toEqual(before);
    },
  );

  it('reads from no other source than it has begun with, unless that was moved', async () => {
    const id = await killAt(pair, 'before rename', 3, ...START, '--concurrency', '1');
    {
      await using _stranger = await makeStranger('prod', pair.target.server);
      const { exitCode, stderr } = await pair.run('env-migrate', '--resume', id, '--yes');
      expect(exitCode, stderr).toBe(4);
      expect(stderr).toContain('The source "prod" is another server than the one');
      const accepted = await pair.run('env-migrate', '--resume', id, '--yes', '--accept', 'source_moved');
      expect(accepted.exitCode, accepted.stderr).toBe(4);
      expect(accepted.stderr).toContain('holds another network');
    }
    await using _moved = await makeStranger('prod', pair.target.server, NETWORK);
    const { exitCode, stderr } = await pair.run(
      'env-migrate',
      '--resume',
      id,
      '--yes',
      '--accept',
      'source_moved',
    );
    expect(exitCode, stderr).toBe(0);
    expect(await differences(pair, await loadOracle(pair.target.server, NETWORK))).toEqual([]);
  });

  it('never writes to its own source when the two were exchanged in the configuration', async () => {
    const id = await killAt(pair, 'before rename', 3, ...START, '--concurrency', '1', '--sites-only');
    const before = await checksumTables(pair.source.server, pair.source.database);
    await pair.configure(config => {
      const { prod, stg } = config.environments;
      [prod.database, stg.database] = [stg.database, { ...prod.database, staging: 'a_b', previous: 'a_c' }];
    });
    const { exitCode } = await pair.run('env-migrate', '--resume', id, '--yes');
    expect([4, 12]).toContain(exitCode);
    expect(await checksumTables(pair.source.server, pair.source.database)).toEqual(before);
  });

  it('knows a target that was dropped and made anew under its name', async () => {
    const id = await killAt(pair, 'before rename', 3, ...START, '--concurrency', '1');
    const { server, database } = pair.target;
    await server.query(`DROP DATABASE ${database}; CREATE DATABASE ${database}`);
    await loadNetwork(server, database, STRANGER);
    const before = await checksumTables(server, database);
    const { exitCode, stderr } = await pair.run('env-migrate', '--resume', id, '--yes');
    expect(exitCode, stderr).toBe(4);
    expect(stderr).toContain('has no id of its own');
    expect(await checksumTables(server, database)).toEqual(before);
  });
});

describe('a run that is done', () => {
  it.each([
    ['rollback', ['--yes']],
    ['cleanup', ['--yes']],
    ['verify', []],
  ] as const)('%s is refused on a stranger', async (command, flags) => {
    const id = await completeMigration(pair);
    await using stranger = await makeStranger('stg', pair.source.server);
    const before = await stranger.checksums();
    const { exitCode, stderr } = await pair.run('env-migrate', command, id, ...flags);
    expect(exitCode, stderr).toBe(4);
    expect(stderr).toContain('is another one than');
    expect(await stranger.checksums()).toEqual(before);
  });

  it('is rolled back where its target has failed over to, id row and all, when that is accepted', async () => {
    await using primary = await startMariadbServer();
    const servers = { source: useServers().source, target: primary };
    await using moving = await createEnvironments({
      ...NETWORK,
      live: { ...NETWORK, seed: 5, domain: 'stg.example.edu' },
      servers,
    });
    const before = await checksumTables(primary, moving.target.database);
    const id = await completeMigration(moving);
    primary.kill();
    await using replica = await startMariadbServer({ dataFrom: join(primary.dir, 'data') });
    await moving.configure(config => {
      config.environments.stg.database.port = replica.port;
    });

    const refused = await moving.run('env-migrate', 'rollback', id, '--yes');
    expect(refused.exitCode, refused.stderr).toBe(4);
    expect(refused.stderr).toContain('The target "stg" is another server');
    expect(refused.stderr).toContain('--accept target_moved');
    const accept = ['--accept', 'target_moved'];
    const { exitCode, stderr } = await moving.run('env-migrate', 'rollback', id, '--yes', ...accept);
    expect(exitCode, stderr).toBe(0);
    expect(await checksumTables(replica, moving.target.database)).toEqual(before);
    await primary.restart();
  });
});

describe('what is protected', () => {
  it('is so under another name, too', async () => {
    await pair.configure(config => {
      config.environments.precious = { ...config.environments.stg, protected: true };
    });
    const { exitCode, stderr } = await pair.run(...START);
    expect(exitCode, stderr).toBe(4);
    expect(stderr).toContain('The target "stg" is protected');
  });

  it('is so for a rollback and a cleanup', async () => {
    const id = await completeMigration(pair);
    await pair.configure(config => {
      config.environments.precious = { ...config.environments.stg, protected: true };
    });
    for (const command of ['rollback', 'cleanup']) {
      const { exitCode, stderr } = await pair.run('env-migrate', command, id, '--yes');
      expect(exitCode, stderr).toBe(4);
      expect(stderr).toContain('--confirm stg');
    }
  });
});

it('databases that another environment uses are not built in', async () => {
  await pair.configure(config => {
    config.environments.dev = structuredClone(config.environments.stg);
    config.environments.dev.database.name = 'wp_dev';
    config.environments.stg.database.staging = 'WP_DEV';
  });
  const { exitCode, stderr } = await pair.run(...START);
  expect(exitCode, stderr).toBe(4);
  expect(stderr).toContain('"staging" of stg is the live database of dev');
});
