import { describe, expect, it } from 'vitest';
import { SourceLoadReader } from '../../../src/mysql/source-load.ts';
import { type MariadbEndpoint, startMariadbServer } from '../../support/mariadb-server.ts';
import { lockTable, waitUntil } from '../../support/runs.ts';
import { createUser, useServers } from '../../support/servers.ts';

const asRoot = ({ socketPath }: MariadbEndpoint) => ({
  label: 'source',
  socketPath,
  user: 'root',
  password: '',
});

describe('the load of a source', () => {
  it('needs no right at all; without the right to ask for it there is no lag', async () => {
    const { source } = useServers();
    const { user, password } = await createUser(source);
    const address = { label: 'source', host: '127.0.0.1', port: source.port, user, password };
    await using reader = new SourceLoadReader(address);
    for (const _ of ['first', 'again']) {
      expect(await reader.read()).toEqual({ threadsRunning: expect.any(Number), replicaLagSeconds: null });
    }
    expect((await reader.read())?.threadsRunning).toBeGreaterThan(0);
  });

  it('has no lag on a server that is no replica', async () => {
    await using reader = new SourceLoadReader(asRoot(useServers().source));
    expect(await reader.read()).toMatchObject({ replicaLagSeconds: null });
  });

  it('is unknown while the server is away, and known again when it is back', async () => {
    await using server = await startMariadbServer();
    await using reader = new SourceLoadReader(asRoot(server));
    expect(await reader.read()).not.toBeNull();
    server.kill();
    expect(await reader.read()).toBeNull();
    expect(await reader.read()).toBeNull();
    await server.restart();
    expect(await reader.read()).not.toBeNull();
  });

  it('has the lag of a replica, less the delay it is meant to have', async () => {
    await using primary = await startMariadbServer({ args: ['--server-id=1', '--log-bin=bin'] });
    await using replica = await startMariadbServer({ args: ['--server-id=2'] });
    await primary.query('CREATE DATABASE d; CREATE TABLE d.t (id INT)');
    const { user, password } = await createUser(primary, 'GRANT REPLICATION SLAVE ON *.*');
    await replica.query(
      `CHANGE MASTER TO MASTER_HOST = '127.0.0.1', MASTER_PORT = ${primary.port}, MASTER_USER = '${user}',
       MASTER_PASSWORD = '${password}', MASTER_LOG_FILE = 'bin.000001', MASTER_LOG_POS = 4; START SLAVE`,
    );
    await using reader = new SourceLoadReader(asRoot(replica));
    const lag = async (): Promise<number | null | undefined> => (await reader.read())?.replicaLagSeconds;
    await waitUntil(async () => (await lag()) === 0, 'a replica that has caught up');
    await using _held = await lockTable(replica, 'd.t');
    await primary.query('INSERT INTO d.t VALUES (1)');
    await waitUntil(async () => ((await lag()) ?? 0) >= 2, 'a replica that lags');
    await _held[Symbol.asyncDispose]();
    await waitUntil(async () => (await lag()) === 0, 'a replica that has caught up again');
    await replica.query('STOP SLAVE; CHANGE MASTER TO MASTER_DELAY = 3; START SLAVE');
    await primary.query('INSERT INTO d.t VALUES (2)');
    await waitUntil(async () => (await replica.query('SELECT * FROM d.t')).length === 2, 'the delayed row');
    expect(await lag()).toBeLessThan(3);
  });
});
