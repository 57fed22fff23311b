import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import mysql from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checksumTables, loadNetwork } from '../support/generate-network.ts';
import { type MariadbServer, startMariadbServer } from '../support/mariadb-server.ts';
import { createDatabaseName, createUser, useServers } from '../support/servers.ts';
import { whyNotLinux } from '../support/why-not.ts';

describe('a private server', () => {
  let server: MariadbServer;
  beforeAll(async () => {
    server = await startMariadbServer();
  });
  afterAll(() => server.stop());

  test('answers over its socket, as root, and gives the rows of the last statement', async () => {
    expect(await server.query('SELECT 1 AS first; SELECT ? AS last', ['東京'])).toEqual([{ last: '東京' }]);
    expect(await server.query('SELECT 1 AS none WHERE FALSE')).toEqual([]);
    expect(await server.query('DO 1')).toEqual([]);
    expect(await server.query('SELECT CURRENT_USER() AS user')).toEqual([{ user: 'root@localhost' }]);
  });

  test('listens on loopback only, with local_infile on and without the performance schema', async () => {
    expect(
      await server.query(
        'SELECT @@bind_address AS address, @@local_infile AS local, @@performance_schema AS ps',
      ),
    ).toEqual([{ address: '127.0.0.1', local: 1, ps: 0 }]);
  });

  test('loads SQL byte for byte, carriage returns and NULs in literals included', async () => {
    const value = "a\r\nb\0c\\' 🎉";
    await server.load(
      'loaded',
      Readable.from([
        'CREATE TABLE t (v LONGBLOB);\n',
        `INSERT INTO t VALUES (${mysql.escape(value)}), ('x\r\ny');\n`,
      ]),
    );
    expect(await server.query('SELECT HEX(v) AS hex FROM loaded.t')).toEqual([
      { hex: Buffer.from(value).toString('hex').toUpperCase() },
      { hex: '780D0A79' },
    ]);
  });

  test('says which statement failed to load', async () => {
    const sql = Readable.from(['INSERT INTO nowhere VALUES (1);\n']);
    await expect(server.load('failing', sql)).rejects.toThrow(/nowhere' doesn't exist/);
  });

  test('fails to load when the text can not be read to its end', async () => {
    const sql = new Readable({
      read() {
        this.push('CREATE TABLE half (id INT);\n');
        this.destroy(new Error('source went away'));
      },
    });
    await expect(server.load('half', sql)).rejects.toThrow('source went away');
  });

  test('keeps what was committed when it is killed and restarted, on the same port', async () => {
    await server.query('CREATE DATABASE kept; CREATE TABLE kept.t (id INT); INSERT INTO kept.t VALUES (7)');
    const { port, pid } = server;
    server.kill();
    await server.restart();
    expect(server.port).toBe(port);
    expect(server.pid).not.toBe(pid);
    expect(await server.query('SELECT id, @@port AS port FROM kept.t')).toEqual([{ id: 7, port }]);
  });

  test('refuses connections while it is down', async () => {
    server.kill();
    await expect(server.query('SELECT 1').then(() => server.query('SELECT 1'))).rejects.toThrow();
    await server.restart();
  });
});

test('a server that is stopped leaves no process and no folder, and can be stopped again', async () => {
  const server = await startMariadbServer({ args: ['--max-connections=17'] });
  expect(await server.query('SELECT @@max_connections AS max')).toEqual([{ max: 17 }]);
  const { dir, pid } = server;
  await server.stop();
  await server.stop();
  expect(existsSync(dir)).toBe(false);
  expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);
});

test('a server that can not start shows the tail of its error log', async () => {
  await expect(startMariadbServer({ args: ['--no-such-option=1'] })).rejects.toThrow(
    /unknown variable 'no-such-option=1'/,
  );
});

describe('a server dies with the process that started it', () => {
  const module = fileURLToPath(new URL('../support/mariadb-server.ts', import.meta.url));
  const start = `
    const { startMariadbServer } = await import(${JSON.stringify(module)});
    const { pid, dir } = await startMariadbServer();
    console.log(JSON.stringify({ pid, dir }));`;

  test('that ends without stopping it', async () => {
    const { stdout } = await execa(process.execPath, ['--input-type=module', '-e', start]);
    const { pid, dir } = JSON.parse(stdout) as { pid: number; dir: string };
    await expect.poll(() => isRunning(pid)).toBe(false);
    expect(existsSync(dir)).toBe(false);
  });

  test.skipIf(whyNotLinux)(`that is killed; the next start removes its folder${whyNotLinux}`, async () => {
    const killed = `${start} process.kill(process.pid, 'SIGKILL');`;
    const { stdout } = await execa(process.execPath, ['--input-type=module', '-e', killed], {
      reject: false,
    });
    const { pid, dir } = JSON.parse(stdout) as { pid: number; dir: string };
    await expect.poll(() => isRunning(pid)).toBe(false);
    await (await startMariadbServer()).stop();
    expect(existsSync(dir)).toBe(false);
  });
});

describe('the shared servers', () => {
  const { source, target } = useServers();

  test('are two', () => {
    expect(source.port).not.toBe(target.port);
  });

  test('take a network, the same one for the same options', async () => {
    const [here, there, other] = ['here', 'there', 'other'].map(createDatabaseName) as [
      string,
      string,
      string,
    ];
    await loadNetwork(source, here, { sites: 2, scale: 0.02 });
    await loadNetwork(target, there, { sites: 2, scale: 0.02 });
    await loadNetwork(target, other, { sites: 2, scale: 0.02, domain: 'stg.example.edu' });

    const checksums = await checksumTables(source, here);
    expect([...checksums.keys()]).toEqual(expect.arrayContaining(['wp_posts', 'wp_3_options', 'wp_blogs']));
    expect(await checksumTables(target, there)).toEqual(checksums);
    expect((await checksumTables(target, other)).get('wp_blogs')).not.toBe(checksums.get('wp_blogs'));
    expect([...(await checksumTables(source, here, { like: 'wp\\_3\\_%' })).keys()]).toHaveLength(11);
  });

  test('have users with just the rights they are given', async () => {
    const database = createDatabaseName('rights');
    await source.query(`CREATE DATABASE ${database}; CREATE TABLE ${database}.t (id INT)`);
    const reader = await createUser(source, `GRANT SELECT ON ${database}.*`);
    const connection = await mysql.createConnection({
      host: '127.0.0.1',
      port: source.port,
      database,
      ...reader,
    });
    expect((await connection.query('SELECT * FROM t'))[0]).toEqual([]);
    await expect(connection.query('INSERT INTO t VALUES (1)')).rejects.toMatchObject({ errno: 1142 });
    await connection.end();
  });
});

/** A killed process that nobody has waited for yet is dead, though its pid still exists. */
async function isRunning(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return !/\) [ZX] /.test(status);
}
