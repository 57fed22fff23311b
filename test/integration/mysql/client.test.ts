import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { classifyDatabaseError } from '../../../src/mysql/classify.ts';
import { connectSource, connectTarget, endQuery, type ServerAddress } from '../../../src/mysql/client.ts';
import { internalsOf } from '../../../src/mysql/driver.ts';
import { type MariadbServer, startMariadbServer } from '../../support/mariadb-server.ts';
import { createDatabaseName, createUser, useServers } from '../../support/servers.ts';

const { source: server } = useServers();
const database = createDatabaseName('client');
const address: ServerAddress = {
  label: 'source "prod"',
  socketPath: server.socketPath,
  user: 'root',
  password: '',
};

beforeAll(async () => {
  await server.query(`CREATE DATABASE ${database}; CREATE TABLE ${database}.t (id INT)`);
});
afterAll(() => server.query(`DROP DATABASE ${database}`));

async function hasThread(threadId: number): Promise<boolean> {
  const rows = await server.query('SELECT 1 FROM information_schema.PROCESSLIST WHERE ID = ?', [threadId]);
  return rows.length > 0;
}

describe('connectSource', () => {
  it('gives a session that cannot write, not even as root', async () => {
    await using connection = await connectSource(address, database);
    await expect(connection.execute('INSERT INTO t VALUES (1)')).rejects.toMatchObject({ errno: 1792 });
    await expect(connection.execute('CREATE TABLE u (id INT)')).rejects.toMatchObject({ errno: 1792 });
  });

  it('needs no right but SELECT', async () => {
    const { user, password } = await createUser(server, `GRANT SELECT ON ${database}.*`);
    const tcp = { label: 'source', host: '127.0.0.1', port: server.port, user, password };
    await using connection = await connectSource(tcp, database);
    expect(await connection.query('SELECT * FROM t')).toEqual([]);
  });
});

describe('connectTarget', () => {
  it('gives big numbers, decimals, dates and JSON as text', async () => {
    await using connection = await connectTarget(address);
    const [row] = await connection.query(
      `SELECT 18446744073709551615 AS a, CAST('1.10' AS DECIMAL(30,2)) AS b, CAST('2020-01-02' AS DATE) AS c`,
    );
    expect(row).toEqual({ a: '18446744073709551615', b: '1.10', c: '2020-01-02' });
  });

  it('needs no privilege for its session', async () => {
    const { user, password } = await createUser(server, `GRANT INSERT, CREATE ON ${database}.*`);
    const tcp = { label: 'target', host: '127.0.0.1', port: server.port, user, password };
    await using connection = await connectTarget(tcp, database);
    const { affectedRows, warnings } = await connection.execute('INSERT INTO t VALUES (1), (2)');
    expect({ affectedRows, warnings }).toEqual({ affectedRows: 2, warnings: 0 });
  });
});

describe('pipeline', () => {
  it('runs statements in the order of the calls, also between others and behind one that fails', async () => {
    await using connection = await connectTarget(address, database);
    const insert = (id: number): string => `INSERT INTO piped VALUES (${id})`;
    const settled = await Promise.allSettled([
      connection.pipeline('DO SLEEP(0.05)'),
      connection.pipeline('CREATE TABLE piped (id INT AUTO_INCREMENT PRIMARY KEY, late INT DEFAULT 0)'),
      connection.pipeline('INSERT INTO piped (id) VALUES (1), (2)'),
      connection.pipeline(insert(3)),
      connection.query('SELECT COUNT(*) AS `rows` FROM piped'),
      connection.pipeline('UPDATE piped SET late = 1 WHERE id = 2'),
      connection.execute('INSERT INTO piped (id) VALUES (4)'),
      connection.pipeline('DELETE FROM piped WHERE id <> 2'),
    ]);
    const values = settled.map(result =>
      result.status === 'fulfilled' ? result.value : result.reason.errno,
    );
    expect(values).toMatchObject([
      { affectedRows: 0 },
      { affectedRows: 0 },
      { affectedRows: 2 },
      1136, // as many values as columns
      [{ rows: expect.anything() }],
      { affectedRows: 1 },
      { affectedRows: 1 },
      { affectedRows: 2 },
    ]);
    expect(await connection.query('SELECT id, late FROM piped')).toEqual([{ id: 2, late: 1 }]);
  });

  it('gives rows as query does, in their turn', async () => {
    await using connection = await connectSource(address, database);
    const sql = `SELECT 18446744073709551615 AS a, CAST('1.10' AS DECIMAL(30,2)) AS b,
      CAST('2020-01-02' AS DATE) AS c, _latin1 0xe9 AS d, _utf8mb3 'ü' AS e, NULL AS f, x'00ff' AS g`;
    const answers = await Promise.allSettled([
      connection.pipelineQuery(sql),
      connection.pipelineQuery('SELECT * FROM nowhere'),
      connection.pipeline('DO 1'),
      connection.pipelineQuery('SELECT 2 AS x UNION SELECT 3'),
      connection.pipelineQuery('DO 1'),
    ]);
    expect(answers).toMatchObject([
      { value: await connection.query(sql) },
      { reason: { errno: 1146, server: address.label } },
      { value: { affectedRows: 0 } },
      { value: [{ x: 2 }, { x: 3 }] },
      { value: [] },
    ]);
  });

  it.each([
    ['at once to a MariaDB', 0xff, 2],
    ['one by one to what may not be one, such as Aurora', 0, 1],
  ])('sends statements %s', async (_, capabilities, together) => {
    await using connection = await connectTarget(address);
    const { stream, _handshakePacket: handshake } = internalsOf(connection.raw);
    Object.assign(handshake!, { mariadbExtendedCapabilityFlags: capabilities });
    const sent = vi.spyOn(stream, 'write');
    const count = (): number => sent.mock.calls.filter(([bytes]) => String(bytes).startsWith('DO ')).length;
    const both = [connection.pipeline('DO SLEEP(0.01)'), connection.pipeline('DO 1')];
    expect(count()).toBe(together);
    await Promise.all(both);
    expect(count()).toBe(2);
  });
});

describe('readMaxAllowedPacket', () => {
  it('says what holds for this connection, and asks once', async () => {
    await using connection = await connectTarget(address);
    const asked = vi.spyOn(connection.raw, 'query');
    const [{ bytes } = { bytes: '' }] = await server.query<{ bytes: string }>(
      'SELECT @@GLOBAL.max_allowed_packet AS bytes',
    );
    expect(await connection.readMaxAllowedPacket()).toBe(Number(bytes));
    expect(await connection.readMaxAllowedPacket()).toBe(Number(bytes));
    expect(asked).toHaveBeenCalledTimes(1);
    await expect(connection.execute('SET SESSION max_allowed_packet = 1048576')).rejects.toMatchObject({
      errno: 1621,
    });
  });
});

describe('a connection that fails', () => {
  it.each([
    ['credentials', 'a wrong password', { user: 'nobody', password: 'sEcReT-123' }],
    ['connection', 'a port where nobody listens', { host: '127.0.0.1', port: 1 }],
    ['connection', 'a socket that is not there', { socketPath: '/nowhere/sock' }],
  ] as const)('is %s for %s, and keeps the password to itself', async (code, _, fields) => {
    const { socketPath: _unused, ...tcp } = { ...address, host: '127.0.0.1', port: server.port };
    const connecting = connectSource({ ...tcp, password: 'sEcReT-123', ...fields });
    const error = await connecting.then(
      () => undefined,
      (reason: unknown) => reason as Error,
    );
    expect(error).toMatchObject({ code, message: expect.stringContaining('source "prod"') });
    expect(JSON.stringify([error, error?.message, error?.stack])).not.toContain('sEcReT');
  });

  it('is schema for a database that does not exist', async () => {
    await expect(connectSource(address, 'no_such_database')).rejects.toMatchObject({ code: 'schema' });
  });
});

describe('a server that takes no more connections', () => {
  it('F28 takes one when an idle one of ours has been ended; else says which limit there is', async () => {
    const { user, password } = await createUser(server);
    await server.query(`ALTER USER '${user}'@'%' WITH MAX_USER_CONNECTIONS 1`);
    const full = { label: 'source', host: '127.0.0.1', port: server.port, user, password };
    const idle = await connectSource(full);
    await expect(connectSource(full)).rejects.toMatchObject({
      code: 'connection',
      hint: expect.stringMatching(/\(max_user_connections: 1\).* --concurrency 1,/),
    });
    let asked = 0;
    const makeRoom = async (): Promise<boolean> => {
      asked += 1;
      await idle.end();
      return true;
    };
    await using connection = await connectSource({ ...full, makeRoom });
    expect(await connection.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await expect(connectSource({ ...full, makeRoom })).rejects.toMatchObject({ code: 'connection' });
    expect(asked).toBe(2);
  });
});

describe('leaving', () => {
  it('ends twice, and after the connection was lost', async () => {
    const connection = await connectSource(address);
    await endQuery(address, connection.threadId);
    await connection.end();
    await connection.end();
  });

  it('rejects what runs and waits when it is destroyed', async () => {
    const connection = await connectSource(address);
    const pending = [connection.query('SELECT SLEEP(30)'), connection.query('SELECT 1')];
    connection.destroy();
    connection.destroy();
    for (const query of pending) await expect(query).rejects.toMatchObject({ code: 'ECONNABORTED' });
    await connection.end();
    await expect(connection.query('SELECT 1')).rejects.toThrow();
    await endQuery(address, connection.threadId);
  });

  it('destroys a busy connection when it is disposed of', async () => {
    let pending: Promise<unknown>;
    {
      await using connection = await connectSource(address);
      pending = connection.query('SELECT SLEEP(30)').catch((error: unknown) => error);
    }
    expect(await pending).toMatchObject({ code: 'ECONNABORTED' });
  });
});

describe('endQuery', () => {
  it('ends a running query and its connection', async () => {
    await using connection = await connectSource(address);
    const sleeping = connection.query('SELECT SLEEP(30)');
    sleeping.catch(() => {});
    await endQuery(address, connection.threadId);
    const error = await sleeping.catch((reason: unknown) => reason);
    expect(classifyDatabaseError(error, 'sleeping').code).toBe('connection');
    await expect.poll(() => hasThread(connection.threadId)).toBe(false);
  });

  it('is content when the connection is gone', async () => {
    await expect(endQuery(address, 4_000_000_000)).resolves.toBeUndefined();
  });

  it('says so when the server cannot be asked', async () => {
    await expect(endQuery({ ...address, socketPath: '/nowhere/sock' }, 1)).rejects.toMatchObject({
      code: 'connection',
    });
  });
});

describe('a server with autocommit off', () => {
  it('F19 shows others at once what a statement of ours has done', async () => {
    await using reserved = await startMariadbServer({ args: ['--autocommit=0'] });
    await reserved.query(`CREATE DATABASE ${database}; CREATE TABLE ${database}.t (id INT)`);
    const there = { ...address, socketPath: reserved.socketPath };
    await using one = await connectTarget(there, database);
    await using other = await connectTarget(there, database);
    expect(await other.query('SELECT * FROM t')).toEqual([]);
    await one.execute('INSERT INTO t VALUES (1)');
    expect(await other.query('SELECT * FROM t')).toEqual([{ id: 1 }]);
  });
});

describe('a server that dies', () => {
  let doomed: MariadbServer;
  beforeAll(async () => {
    doomed = await startMariadbServer();
  });
  afterAll(() => doomed.stop());

  it('rejects what runs, and leaves no unhandled error', async () => {
    const connection = await connectTarget({ ...address, socketPath: doomed.socketPath });
    const idle = await connectTarget({ ...address, socketPath: doomed.socketPath });
    const sleeping = connection.query('SELECT SLEEP(30)');
    // Closed or reset: which one depends on whether the server had read the statement yet.
    const failed = expect(
      sleeping.catch((error: unknown) => {
        throw classifyDatabaseError(error, 'sleeping');
      }),
    ).rejects.toMatchObject({ code: 'connection' });
    doomed.kill();
    await failed;
    await expect(idle.query('SELECT 1')).rejects.toThrow();
    await connection.end();
    await idle.end();
  });
});
