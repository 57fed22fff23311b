// F11 System-versioned tables of MariaDB travel with the rows that they had before, and with the times of these; where that
// isn't possible, their present rows come, and the reason is told.

import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { VerifyReport } from '../../src/migration/verify-report.ts';
import { createEnvironments, type Environments } from '../support/environments.ts';
import { type MariadbEndpoint, type MariadbServer, startMariadbServer } from '../support/mariadb-server.ts';
import { killAt, listRunIds, onlyRunId } from '../support/runs.ts';
import { useServers } from '../support/servers.ts';

const NETWORK = { sites: 2, scale: 0.02 };
const LIVE = { ...NETWORK, domain: 'stg.example.edu', seed: 2 };

const PERIOD = `rs TIMESTAMP(6) GENERATED ALWAYS AS ROW START, re TIMESTAMP(6) GENERATED ALWAYS AS ROW END,
  PERIOD FOR SYSTEM_TIME (rs, re)`;
/** Each with a column `id`, one `p` and one `url`; and the names of the columns of its period. */
const TABLES: readonly (readonly [name: string, definition: string, start: string, end: string])[] = [
  [
    'wp_2_prices',
    '(id INT PRIMARY KEY AUTO_INCREMENT, p INT, url VARCHAR(200), doc JSON) WITH SYSTEM VERSIONING',
    'row_start',
    'row_end',
  ],
  ['wp_3_named', `(id INT PRIMARY KEY, ${PERIOD}, p INT, url TEXT) WITH SYSTEM VERSIONING`, 'rs', 're'],
  [
    'wp_3_unseen',
    `(id INT PRIMARY KEY, p INT, url TEXT, ${PERIOD.replaceAll(/(START|END),/g, '$1 INVISIBLE,')}) WITH SYSTEM VERSIONING`,
    'rs',
    're',
  ],
  [
    'wp_3_partly',
    `(id INT PRIMARY KEY, p INT, url TEXT WITHOUT SYSTEM VERSIONING) WITH SYSTEM VERSIONING
     PARTITION BY SYSTEM_TIME (PARTITION past HISTORY, PARTITION now CURRENT)`,
    'row_start',
    'row_end',
  ],
  [
    'wp_3_daily',
    `(id INT PRIMARY KEY, p INT, url TEXT) WITH SYSTEM VERSIONING
     PARTITION BY SYSTEM_TIME INTERVAL 1 YEAR STARTS '2020-01-01 00:00:00'
     (PARTITION p0 HISTORY, PARTITION p1 HISTORY, PARTITION p2 HISTORY, PARTITION now CURRENT)`,
    'row_start',
    'row_end',
  ],
  ['wp_3_keyless', '(id INT, p INT, url TEXT) ENGINE=Aria WITH SYSTEM VERSIONING', 'row_start', 'row_end'],
];

const SECOND_2021 = '2021-06-01 00:00:00';

async function fill(server: MariadbEndpoint, database: string): Promise<void> {
  for (const [table, definition] of TABLES)
    await server.query(
      `USE ${database}; SET time_zone = '+00:00'; CREATE TABLE ${table} ${definition};
       SET timestamp = UNIX_TIMESTAMP('2020-06-01 00:00:00');
       INSERT INTO ${table} (id, p, url) VALUES (1, 10, 'https://prod.example.edu/a'), (2, 20, 'https://prod.example.edu/b'),
         (3, 30, NULL);
       SET timestamp = UNIX_TIMESTAMP('${SECOND_2021}.25');
       UPDATE ${table} SET p = 11, url = 'https://prod.example.edu/c' WHERE id = 1; DELETE FROM ${table} WHERE id = 2;
       SET timestamp = UNIX_TIMESTAMP('2022-06-01 00:00:00');
       INSERT INTO ${table} (id, p) VALUES (2, 21); DELETE FROM ${table} WHERE id = 3;
       INSERT INTO ${table} (id, p) VALUES (4, 40); DELETE FROM ${table} WHERE id = 4`,
    );
}

/** All rows of all times that lasted, with these. */
const readAll = (server: MariadbEndpoint, database: string, [table, , start, end]: (typeof TABLES)[number]) =>
  server.query<{ p: number; url: string | null }>(
    `SET time_zone = '+00:00'; SELECT id, p, url, ${start} AS start, ${end} AS end
     FROM ${database}.${table} FOR SYSTEM_TIME ALL WHERE ${start} < ${end} ORDER BY id, start, end`,
  );

async function expectCarried({ source, target }: Environments, prefix = 'wp_'): Promise<void> {
  for (const table of TABLES.filter(([name]) => name.startsWith(prefix))) {
    const [name] = table;
    const expected = await readAll(source.server, source.database, table);
    expect(expected).toHaveLength(5);
    expect(await readAll(target.server, target.database, table), name).toEqual(
      expected.map(row => ({ ...row, url: row.url?.replace('prod.', 'stg.') ?? null })),
    );
    const at = `${target.database}.${name}`;
    expect(await target.server.query(`SELECT id, p FROM ${at} ORDER BY id`), name).toEqual([
      { id: 1, p: 11 },
      { id: 2, p: 21 },
    ]);
    expect(
      await target.server.query(
        `SET time_zone = '+00:00'; SELECT id, p FROM ${at} FOR SYSTEM_TIME AS OF '2021-01-01 00:00:00' ORDER BY id`,
      ),
      name,
    ).toEqual([
      { id: 1, p: 10 },
      { id: 2, p: 20 },
      { id: 3, p: 30 },
    ]);
  }
}

async function migrate(pair: Environments, ...flags: string[]): Promise<string> {
  const outcome = await pair.run('env-migrate', 'prod', 'stg', '--yes', ...flags);
  expect(outcome.exitCode, outcome.stderr + outcome.stdout).toBe(0);
  // What the checks found is told while it runs.
  return (outcome.stderr + outcome.stdout).replaceAll(/\s+/g, ' ');
}

async function readWarning(pair: Environments, code: string): Promise<string | undefined> {
  const file = `${pair.cwd}/logs/${await onlyRunId(pair)}/migration-summary.json`;
  const { warnings } = JSON.parse(await readFile(file, 'utf8')) as {
    warnings: { code: string; message: string }[];
  };
  return warnings.find(warning => warning.code === code)?.message;
}

describe('F11 a history is carried', () => {
  it('with its times and its hosts rewritten; it is proven, unchanged the next time, and goes with a rollback', async () => {
    await using pair = await createEnvironments({ ...NETWORK, live: LIVE });
    const { source, target } = pair;
    await fill(source.server, source.database);
    const told = await migrate(pair);
    expect(told).not.toContain('their history');
    await expectCarried(pair);

    const [id] = await listRunIds(`${pair.cwd}/logs`);
    for (const ends of [[id!], ['prod', 'stg']]) {
      const { stdout, exitCode } = await pair.run(
        'env-migrate',
        'verify',
        ...ends,
        '--sites',
        '2,3',
        '--json',
      );
      expect(exitCode, stdout).toBe(0);
      const report = JSON.parse(stdout) as VerifyReport;
      const verified = report.units
        .flatMap(unit => unit.tables)
        .filter(({ table }) => table === 'wp_3_named');
      expect(verified).toMatchObject([{ verdict: 'same', expected: { rows: 5 }, leftovers: [] }]);
    }

    const before = await target.server.query(`SHOW CREATE TABLE ${target.database}.wp_2_prices`);
    const again = await migrate(pair, '--only-changed', '--include-sites', '2,3', '--json');
    expect(JSON.parse(again)).toMatchObject({ sites: { completed: 0, unchanged: 2 } });
    expect(await target.server.query(`SHOW CREATE TABLE ${target.database}.wp_2_prices`)).toEqual(before);

    // Only the past of rows differs.
    await target.server.query(
      `USE ${target.database}; SET time_zone = '+00:00', system_versioning_insert_history = ON;
       DELETE HISTORY FROM wp_3_partly BEFORE SYSTEM_TIME '${SECOND_2021}.5';
       INSERT INTO wp_3_named (id, p, url, rs, re) VALUES (9, 9, 'https://prod.example.edu', '2020-01-01', '2020-02-01')`,
    );
    const spoilt = await readAll(target.server, target.database, TABLES[3]!);
    expect(spoilt).toHaveLength(3);
    const noticed = await pair.run('env-migrate', 'verify', id!, '--sites', '3', '--json');
    const { units } = JSON.parse(noticed.stdout) as VerifyReport;
    const different = units.flatMap(unit => unit.tables).filter(({ verdict }) => verdict !== 'same');
    expect(different.toSorted((a, b) => (a.table < b.table ? -1 : 1))).toMatchObject([
      { table: 'wp_3_named', verdict: 'rows_differ', leftovers: [{ column: 'url', values: 1 }] },
      { table: 'wp_3_partly', verdict: 'rows_differ', expected: { rows: 5 }, found: { rows: 3 } },
    ]);
    const known = await listRunIds(`${pair.cwd}/logs`);
    await migrate(pair, '--only-changed', '--include-sites', '2,3');
    await expectCarried(pair);

    const last = (await listRunIds(`${pair.cwd}/logs`)).find(run => !known.includes(run));
    const undone = await pair.run('env-migrate', 'rollback', last!, '--yes');
    expect(undone.exitCode, undone.stderr).toBe(0);
    expect(await readAll(target.server, target.database, TABLES[3]!)).toEqual(spoilt);
  });

  it.each([
    ['--verify', 'counts'],
    ['--chunk-bytes', '1000'],
    ['--verify', 'off'],
  ])('with %s %s', async (...flags) => {
    await using pair = await createEnvironments(NETWORK);
    await fill(pair.source.server, pair.source.database);
    await migrate(pair, ...flags);
    await expectCarried(pair);
  });

  it('after a crash in the midst of the tables', async () => {
    await using pair = await createEnvironments(NETWORK);
    await fill(pair.source.server, pair.source.database);
    const id = await killAt(
      pair,
      'after table.copied',
      14,
      ...['env-migrate', 'prod', 'stg', '--yes', '--include-sites', '3', '--sites-only'],
    );
    const outcome = await pair.run('env-migrate', '--resume', id, '--yes');
    expect(outcome.exitCode, outcome.stderr).toBe(0);
    await expectCarried(pair, 'wp_3');
  });

  it('where both databases are on one server', async () => {
    const { source } = useServers();
    await using pair = await createEnvironments({
      ...NETWORK,
      servers: { source, target: source },
      targetReadsSource: true,
    });
    await fill(source, pair.source.database);
    // As many as are copied inside the server where there is no history.
    await source.query(
      `USE ${pair.source.database}; CREATE TABLE wp_2_log (id INT PRIMARY KEY, p INT) WITH SYSTEM VERSIONING;
       INSERT INTO wp_2_log SELECT seq, 1 FROM seq_1_to_600; UPDATE wp_2_log SET p = 2`,
    );
    await migrate(pair);
    await expectCarried(pair);
    const rows = await source.query(
      `SELECT p, COUNT(*) AS n FROM ${pair.target.database}.wp_2_log FOR SYSTEM_TIME ALL GROUP BY p`,
    );
    expect(rows).toEqual([
      { p: 1, n: 600 },
      { p: 2, n: 600 },
    ]);
  });
});

describe('F11 a history that stays at the source is named with the reason', () => {
  let secured: MariadbServer;
  beforeAll(async () => {
    secured = await startMariadbServer({ args: ['--secure-timestamp=REPLICATION'] });
  });
  afterAll(() => secured?.stop());

  it('where the user of the target may not write the past', async () => {
    await using pair = await createEnvironments({
      ...NETWORK,
      servers: { source: useServers().source, target: secured },
    });
    const { source, target } = pair;
    await fill(source.server, source.database);
    const plan = await pair.run('env-migrate', 'prod', 'stg', '--dry-run');
    expect(plan.stdout.replaceAll(/\s+/g, ' ')).toContain('their history stays at the source: wp_');
    expect(await migrate(pair)).toContain('their history stays at the source: wp_');
    const told = await readWarning(pair, 'history_not_carried');
    expect(told).toContain('secure_timestamp');
    for (const [table] of TABLES) {
      expect(told).toContain(table);
      const at = `${target.database}.${table}`;
      expect(await target.server.query(`SELECT id, p FROM ${at} ORDER BY id`)).toEqual([
        { id: 1, p: 11 },
        { id: 2, p: 21 },
      ]);
      // It is versioned there as well, from now on.
      await target.server.query(`UPDATE ${at} SET p = 12 WHERE id = 1`);
      expect(await target.server.query(`SELECT COUNT(*) AS n FROM ${at} FOR SYSTEM_TIME ALL`)).toEqual([
        { n: 3 },
      ]);
    }
    const again = await pair.run('env-migrate', 'prod', 'stg', '--dry-run');
    expect(again.stdout.replaceAll(/\s+/g, ' ')).toContain('their history goes away with them: wp_');
  });

  it('where it names transactions, and where rows of the target join the table', async () => {
    await using pair = await createEnvironments({ ...NETWORK, live: LIVE });
    const { source, target } = pair;
    await source.server.query(
      `USE ${source.database}; ALTER TABLE wp_blogmeta ADD SYSTEM VERSIONING;
       CREATE TABLE wp_2_counted (id INT PRIMARY KEY, p INT, rs BIGINT UNSIGNED GENERATED ALWAYS AS ROW START,
         re BIGINT UNSIGNED GENERATED ALWAYS AS ROW END, PERIOD FOR SYSTEM_TIME (rs, re)) WITH SYSTEM VERSIONING;
       INSERT INTO wp_2_counted (id, p) VALUES (1, 1); UPDATE wp_2_counted SET p = 2;
       INSERT INTO wp_blogmeta (blog_id, meta_key) VALUES (2, 'x'); UPDATE wp_blogmeta SET meta_key = 'y' WHERE meta_key = 'x'`,
    );
    await migrate(pair);
    const told = await readWarning(pair, 'history_not_carried');
    expect(told).toContain('wp_2_counted (it is told in numbers of transactions');
    expect(told).toContain("wp_blogmeta (rows of the target's own join");
    const count = async (rows: string): Promise<unknown> =>
      await target.server.query(`SELECT COUNT(*) AS n FROM ${target.database}.${rows}`);
    expect(await count('wp_2_counted')).toEqual([{ n: 1 }]);
    expect(await count("wp_blogmeta WHERE meta_key = 'y'")).toEqual([{ n: 1 }]);
    expect(await count("wp_blogmeta FOR SYSTEM_TIME ALL WHERE meta_key = 'x'")).toEqual([{ n: 0 }]);
  });
});
