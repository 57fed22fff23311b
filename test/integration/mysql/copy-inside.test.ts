import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectTarget, type DatabaseConnection } from '../../../src/mysql/client.ts';
import { type CopyInsideOptions, canCopyInside, copyInside } from '../../../src/mysql/copy-inside.ts';
import { type CopyResult, copyTable } from '../../../src/mysql/copy-table.ts';
import { compileTreatment } from '../../../src/policy/compile-treatment.ts';
import { createSkipRows } from '../../../src/policy/skip-rows.ts';
import { createRewriter } from '../../../src/rewrite/rewriter.ts';
import { AWKWARD_TYPES } from '../../support/awkward-types.ts';
import { Copying } from '../../support/copying.ts';
import { type MariadbServer, startMariadbServer } from '../../support/mariadb-server.ts';
import { createUser, useServers } from '../../support/servers.ts';

const servers = useServers();
const rewriter = createRewriter([{ from: 'prod.example.edu', to: 'staging.example.edu' }]);
const HOST = 'https://prod.example.edu/';
/** Enough for it to be worth while. */
const PLAIN_ROWS = 300;
const LARGE_BYTES = 2 * 1024 * 1024;

let copying: Copying;
beforeAll(async () => {
  copying = await Copying.start({ source: servers.source, target: servers.source });
});
afterAll(() => copying[Symbol.asyncDispose]());

async function prepare(table: string, options: Partial<CopyInsideOptions> = {}): Promise<CopyInsideOptions> {
  return { ...(await copying.make(table)), rewriter, ...options };
}

/** Copies the table both ways; the two results, and the server's checksums of what each has stored. */
async function copyBothWays(table: string, options: Partial<CopyInsideOptions> = {}) {
  const inside = await copyInside(await prepare(table, options));
  const other = `${table}_streamed`;
  const streamed = await copyTable({ ...(await copying.make(table, other)), rewriter, ...options });
  const names = [table, other].map(name => `${copying.stagingDatabase}.${name}`);
  const stored = await servers.source.query<{ Checksum: unknown }>(`CHECKSUM TABLE ${names.join(', ')}`);
  return { inside, streamed, stored: stored.map(row => row.Checksum) };
}

/** What doesn't tell by which way the rows went. */
function describeCopy({ rowsInside: _rows, bytes: _bytes, ...rest }: CopyResult) {
  return rest;
}

describe('rows copied inside the server', () => {
  let count = 0;
  it.each(Object.entries(AWKWARD_TYPES))('arrive exactly: %s', async (type, values) => {
    const table = `t${count++}`;
    const rows = values.flatMap((value, i) => [`(${value}, NULL)`, `(${value}, '${HOST}${i}')`]);
    await copying.fill(
      `CREATE TABLE ${table} (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, v ${type}, t TEXT)`,
      `INSERT INTO ${table} SELECT seq, NULL, 'plain' FROM seq_0_to_${PLAIN_ROWS}`,
      `INSERT IGNORE INTO ${table} (v, t) VALUES ${rows.join(', ')}`,
    );
    const { inside, streamed, stored } = await copyBothWays(table);
    expect(inside.rowsInside).toBe(PLAIN_ROWS + 1 + values.length);
    expect(describeCopy(inside)).toEqual(describeCopy(streamed));
    expect(stored[0]).toBe(stored[1]);
    await copying.verify(table, inside);
  });

  it('are those without a source host in any column, and the report is the same', async () => {
    const types = {
      a: 'VARCHAR(200)',
      b: 'LONGTEXT',
      c: 'TEXT CHARACTER SET latin1',
      d: 'VARCHAR(200) CHARACTER SET utf16',
      e: 'TEXT CHARACTER SET utf32',
      f: 'VARBINARY(200)',
      g: 'LONGBLOB',
      h: `ENUM('x', '${HOST}')`,
      i: `SET('x', '${HOST}')`,
      j: 'JSON',
      skipped: 'TEXT',
      short: 'VARCHAR(25)',
      k: 'TEXT CHARACTER SET sjis',
      number: 'INT',
    };
    const columns = Object.keys(types).filter(name => name !== 'number');
    const value = (name: string): string => (name === 'j' ? `'{"a":"${HOST}"}'` : `'${HOST}'`);
    await copying.fill(
      `CREATE TABLE everywhere (id INT PRIMARY KEY, ${Object.entries(types)
        .map(([name, type]) => `\`${name}\` ${type}`)
        .join(', ')}) CHARACTER SET utf8mb4`,
      `INSERT INTO everywhere (id, number) SELECT seq, seq FROM seq_1001_to_${1000 + PLAIN_ROWS}`,
      `INSERT INTO everywhere (id, b) VALUES (1, 'nothing'), (2, ''), (3, UPPER('${HOST}')), (4, 'PROD_example%edu'),
        (5, 's:99:"${HOST}"')`,
      ...columns.map(
        (name, i) => `INSERT INTO everywhere (id, \`${name}\`) VALUES (${100 + i}, ${value(name)})`,
      ),
    );
    const skipColumns = new Set(['skipped']);
    const { inside, streamed, stored } = await copyBothWays('everywhere', { skipColumns });
    expect(inside.rowsInside).toBe(PLAIN_ROWS + 3);
    expect(describeCopy(inside)).toEqual(describeCopy(streamed));
    expect(inside.left.map(({ column, reason, values }) => `${column} ${reason} ${values}`).sort()).toEqual([
      'b broken_serialized 1',
      'd charset 1',
      'e charset 1',
      'f binary 1',
      'g binary 1',
      'h enum 1',
      'i enum 1',
      'short too_long 1',
      'skipped skipped_column 1',
    ]);
    expect(stored[0]).toBe(stored[1]);
  });

  it('are all of a table that has only numbers', async () => {
    await copying.fill(
      'CREATE TABLE numbers (a INT, b INT, PRIMARY KEY (a, b))',
      `INSERT INTO numbers SELECT seq, seq FROM seq_1_to_${PLAIN_ROWS}`,
    );
    const { inside, streamed } = await copyBothWays('numbers');
    expect(inside).toMatchObject({ rowsInside: PLAIN_ROWS, bytes: 0 });
    expect(describeCopy(inside)).toEqual(describeCopy(streamed));
  });

  it('are none of a table whose rows have rules', async () => {
    await copying.fill(
      'CREATE TABLE sessions (id INT PRIMARY KEY, meta_key VARCHAR(50))',
      `INSERT INTO sessions SELECT seq, IF(seq % 2, 'x', 'session_tokens') FROM seq_1_to_${PLAIN_ROWS}`,
    );
    const rules = [createSkipRows('skip_rows', ['usermeta.meta_key=session_tokens'])];
    const columns = await copying.readColumns('sessions');
    const treatment = compileTreatment(rules, { name: 'usermeta', columns });
    const inside = await copyInside(await prepare('sessions', { treatment }));
    expect(inside).toMatchObject({ rows: PLAIN_ROWS / 2, sourceRows: PLAIN_ROWS });
    expect(inside).not.toHaveProperty('rowsInside');
    await copying.verify('sessions', inside);
  });

  it('leave generated columns to the server, and keep to a filter; F10 one may be called __proto__', async () => {
    await copying.fill(
      `CREATE TABLE part (id INT PRIMARY KEY, a VARCHAR(50), \`__proto__\` INT, s VARCHAR(60) AS (CONCAT(a, '!')) STORED,
         v INT AS (LENGTH(a)) VIRTUAL, \`odd?\` TEXT)`,
      `INSERT INTO part (id, a, \`odd?\`) SELECT seq, 'plain', IF(seq % 12, NULL, '${HOST}') FROM seq_1_to_1000`,
    );
    const rowFilter = { sql: 'id > ? AND id <= ?', values: [300, 900] };
    const options = await prepare('part', { rowFilter });
    // Other rows may be there already; they are none of its business.
    await copying.target.execute(`INSERT INTO part (id, a) VALUES (5, 'there'), (5000, 'there')`);
    const inside = await copyInside(options);
    expect(inside).toMatchObject({ rows: 600, rowsInside: 550, changedByColumn: { 'odd?': 50 } });
    const [{ rows } = {}] = await copying.target.query<{ rows: string }>(
      'SELECT COUNT(*) AS `rows` FROM part',
    );
    expect(Number(rows)).toBe(602);
  });

  it('do not travel: the server sends only the others', async () => {
    await copying.fill(
      'CREATE TABLE bulky (id INT PRIMARY KEY, v TEXT)',
      `INSERT INTO bulky SELECT seq, REPEAT('x', 10000) FROM seq_1_to_400`,
      `INSERT INTO bulky VALUES (1000, '${HOST}')`,
    );
    const options = await prepare('bulky');
    const before = await readSentBytes([copying.source, copying.target]);
    const result = await copyInside(options);
    const sent = (await readSentBytes([copying.source, copying.target])) - before;
    expect(result).toMatchObject({ rows: 401, rowsInside: 400, changedByColumn: { v: 1 } });
    expect(result.bytes).toBeLessThan(100);
    expect(sent).toBeLessThan(50_000);
  });

  it('tell how many they are', async () => {
    await copying.fill(
      'CREATE TABLE told (id INT PRIMARY KEY, v TEXT)',
      `INSERT INTO told SELECT seq, IF(seq % 20, 'plain', '${HOST}') FROM seq_1_to_4000`,
    );
    const ticks: number[] = [];
    await copyInside(await prepare('told', { onProgress: rows => ticks.push(rows) }));
    expect(ticks.at(-1)).toBe(4000);
    expect(ticks).toEqual(ticks.toSorted((a, b) => a - b));
  });
});

async function readSentBytes(connections: readonly DatabaseConnection[]): Promise<number> {
  let sum = 0;
  for (const connection of connections) {
    const [row] = await connection.query<{ Value: string }>("SHOW SESSION STATUS LIKE 'Bytes_sent'");
    sum += Number(row!.Value);
  }
  return sum;
}

describe('a table', () => {
  it.each([
    ['has few rows', `SELECT seq, 'plain' FROM seq_1_to_100`, 'id INT PRIMARY KEY'],
    [
      'has a source host in many rows',
      `SELECT seq, IF(seq % 7, '', '${HOST}') FROM seq_1_to_1000`,
      'id INT PRIMARY KEY',
    ],
    ['has no key to name its rows by', `SELECT seq, 'plain' FROM seq_1_to_1000`, 'id INT'],
  ])('travels as a whole when it %s', async (what, rows, id) => {
    const table = what.replaceAll(/\W/g, '_');
    await copying.fill(`CREATE TABLE ${table} (${id}, v TEXT)`, `INSERT INTO ${table} ${rows}`);
    const { inside, streamed } = await copyBothWays(table);
    expect(inside).toEqual(streamed);
  });
});

describe('a source that is written to', () => {
  const table = async (name: string): Promise<CopyInsideOptions> => {
    await copying.fill(
      `CREATE TABLE ${name} (id INT PRIMARY KEY, v VARCHAR(100))`,
      `INSERT INTO ${name} SELECT seq, 'plain' FROM seq_1_to_1000`,
      `INSERT INTO ${name} VALUES (2000, '${HOST}')`,
    );
    await copying.source.execute('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY');
    return await prepare(name);
  };

  it.each([
    ['a row more', (name: string) => `INSERT INTO ${name} VALUES (3000, 'new')`],
    ['a row less', (name: string) => `DELETE FROM ${name} WHERE id = 7`],
    ['another value', (name: string) => `UPDATE ${name} SET v = 'other' WHERE id = 7`],
    ['a host that came', (name: string) => `UPDATE ${name} SET v = '${HOST}' WHERE id = 7`],
    ['a host that went', (name: string) => `UPDATE ${name} SET v = 'gone' WHERE id = 2000`],
    [
      'values that changed places',
      (name: string) => `UPDATE ${name} SET id = 3007 - id WHERE id IN (7, 3000)`,
    ],
  ])('is copied as its snapshot is: %s', async (what, change) => {
    const name = what.replaceAll(/\W/g, '_');
    const options = await table(name);
    await servers.source.query(`USE ${copying.database}; ${change(name)}`);
    const result = await copyInside(options);
    await copying.source.execute('COMMIT');
    expect(result).toMatchObject({ rows: 1001, againTravelled: 1, changedByColumn: { v: 1 } });
    expect(result.rowsInside).toBeUndefined();
    await copying.verify(name, result);
    expect(await copying.target.query(`SELECT v FROM ${name} WHERE id IN (7, 2000)`)).toEqual([
      { v: 'plain' },
      { v: 'https://staging.example.edu/' },
    ]);
  });

  it('waits for nobody, and lets nobody wait', async () => {
    const options = await table('locked_rows');
    const address = { label: 'writer', socketPath: servers.source.socketPath, user: 'root', password: '' };
    await using writer = await connectTarget(address, copying.database);
    await writer.execute('START TRANSACTION');
    await writer.execute(`UPDATE locked_rows SET v = 'not committed' WHERE id <= 500`);
    // A statement that locks what it reads would wait for these rows, and then fail.
    await copying.target.execute('SET SESSION innodb_lock_wait_timeout = 1');
    const result = await copyInside(options);
    await writer.execute('ROLLBACK');
    await copying.source.execute('COMMIT');
    expect(result).toMatchObject({ rows: 1001, rowsInside: 1000 });
  });

  it('is not held up when somebody alters the table', async () => {
    const options = await table('altered');
    // The snapshot's transaction has begun to read it, so the ALTER waits, and so does whoever comes after that.
    await copying.source.query('SELECT COUNT(*) FROM altered');
    const altering = servers.source.query(`ALTER TABLE ${copying.database}.altered ADD COLUMN more INT`);
    await expect
      .poll(() =>
        servers.source.query(`SELECT 1 FROM information_schema.PROCESSLIST WHERE INFO LIKE 'ALTER%altered%'
        AND STATE LIKE 'Waiting for table metadata lock'`),
      )
      .toHaveLength(1);
    const copied = copyInside(options);
    await expect(Promise.race([copied, altering.then(() => 'altered first')])).resolves.toMatchObject({
      rows: 1001,
      againTravelled: 1,
    });
    await copying.source.execute('COMMIT');
    await altering;
  });
});

describe('canCopyInside', () => {
  const connect = async (server: { port: number }, ...grants: string[]): Promise<DatabaseConnection> => {
    const { user, password } = await createUser(servers.source, ...grants);
    return connectTarget({ label: 'target', host: '127.0.0.1', port: server.port, user, password });
  };
  const name = { database: '', name: 'asked' };
  beforeAll(async () => {
    await copying.fill('CREATE TABLE asked (id INT PRIMARY KEY)');
    name.database = copying.database;
  });

  it('says yes when both lead to one server and the target may read', async () => {
    await using target = await connect(servers.source, `GRANT SELECT ON ${copying.database}.*`);
    expect(await canCopyInside(copying.source, target, name)).toBe(true);
  });

  it('says no when the target may not read', async () => {
    await using target = await connect(servers.source, `GRANT SELECT ON ${copying.stagingDatabase}.*`);
    expect(await canCopyInside(copying.source, target, name)).toBe(false);
  });

  it('says no when they are two servers, whatever the databases are called', async () => {
    await using two = await Copying.start(servers);
    await two.fill('CREATE TABLE t (id INT PRIMARY KEY)');
    await two.target.execute('CREATE TABLE t (id INT PRIMARY KEY)');
    expect(await canCopyInside(two.source, two.target, { database: two.database, name: 't' })).toBe(false);
  });
});

describe('on a server of its own', () => {
  let server: MariadbServer;
  beforeAll(async () => {
    server = await startMariadbServer({ args: ['--log-bin=changes', '--server-id=7'] });
  });
  afterAll(() => server.stop());

  it.each([
    ['STATEMENT', false],
    ['MIXED', true],
    ['ROW', true],
  ])('canCopyInside says, with a binary log of format %s, %s', async (format, expected) => {
    await server.query(`SET GLOBAL binlog_format = ${format}`);
    await using logged = await Copying.start({ source: server, target: server });
    await logged.fill(
      'CREATE TABLE t (id INT PRIMARY KEY, v TEXT)',
      `INSERT INTO t SELECT seq, 'plain' FROM seq_1_to_${PLAIN_ROWS}`,
    );
    const table = { database: logged.database, name: 't' };
    expect(await canCopyInside(logged.source, logged.target, table)).toBe(expected);
    // The reason for the question.
    const copied = copyInside({ ...(await logged.make('t')), rewriter });
    if (expected) await expect(copied).resolves.toMatchObject({ rowsInside: PLAIN_ROWS });
    else await expect(copied).rejects.toMatchObject({ details: { errno: 1665 } });
  });

  it('a row travels when one of its values is too large to be searched there', async () => {
    await server.query(`SET GLOBAL max_allowed_packet = ${2 * LARGE_BYTES}`);
    await using large = await Copying.start({ source: server, target: server });
    await large.fill(
      'CREATE TABLE t (id INT PRIMARY KEY, v LONGTEXT)',
      `INSERT INTO t SELECT seq, 'plain' FROM seq_1_to_${PLAIN_ROWS}`,
      `INSERT INTO t VALUES (1000, CONCAT(REPEAT('x', ${LARGE_BYTES}), '${HOST}')), (1001, REPEAT('y', ${LARGE_BYTES}))`,
    );
    await server.query(`SET GLOBAL max_allowed_packet = ${LARGE_BYTES / 2}`);
    await using small = await Copying.start({ source: server, target: server });
    const { source, target } = small;
    const result = await copyInside({ ...(await large.make('t')), rewriter, source, target });
    expect(result).toMatchObject({ rows: 302, rowsInside: 300, changedByColumn: { v: 1 } });
    await large.verify('t', result);
  });
});
