// Tables as plugins and history leave them: each is carried whole, or named in the plan before anything is written. One
// network that has one of each, with another table prefix at the target and a user who may only read at the source.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Hazard, Plan } from '../../src/migration/plan.ts';
import type { Summary } from '../../src/migration/summary.ts';
import { createEnvironments, type Environments } from '../support/environments.ts';
import { checksumTables } from '../support/generate-network.ts';

const NETWORK = { sites: 4, scale: 0.02 };
/** It ends with a digit, and looks like a site's (H21, H23). */
const PREFIX = 'wp_2';

let pair: Environments;

const atSource = (sql: string): Promise<Record<string, unknown>[]> =>
  pair.source.server.query(`USE ${pair.source.database}; ${sql}`);
const atTarget = (sql: string): Promise<Record<string, unknown>[]> =>
  pair.target.server.query(`USE ${pair.target.database}; ${sql}`);

beforeAll(async () => {
  pair = await createEnvironments({
    ...NETWORK,
    prefix: PREFIX,
    live: { ...NETWORK, domain: 'stg.example.edu', seed: 2 },
  });
  await pair.configure(({ environments }) => {
    environments.prod.tablePrefix = PREFIX;
  });
  const p = `${PREFIX}2_`;
  await atSource(
    `DROP TABLE ${PREFIX}3_links;
     CREATE TABLE ${p}orders (id INT PRIMARY KEY, url TEXT) CHARACTER SET utf8mb4;
     CREATE TABLE ${p}items (id INT PRIMARY KEY, order_id INT, parent_id INT,
       CONSTRAINT of_order FOREIGN KEY (order_id) REFERENCES ${p}orders (id) ON DELETE CASCADE,
       CONSTRAINT of_parent FOREIGN KEY (parent_id) REFERENCES ${p}items (id));
     INSERT INTO ${p}orders VALUES (1, 'https://prod.example.edu/order'); INSERT INTO ${p}items VALUES (1, 1, NULL), (2, 1, 1);
     CREATE TABLE ${PREFIX}4_members (id INT PRIMARY KEY, user_id BIGINT UNSIGNED NOT NULL,
       FOREIGN KEY (user_id) REFERENCES ${PREFIX}users (ID));
     CREATE TABLE ${p}log (id INT AUTO_INCREMENT PRIMARY KEY, t TEXT, FULLTEXT (t)) ENGINE = MyISAM CHARACTER SET utf8mb4;
     INSERT INTO ${p}log (t) VALUES ('see https://prod.example.edu/'), ('and no more');
     CREATE TABLE ${p}old (id INT PRIMARY KEY, t VARCHAR(200)) CHARACTER SET latin1;
     INSERT INTO ${p}old VALUES (1, X'5ac3bc72696368'), (2, X'5afc72696368'),
       (3, CONCAT(X'fc20c3bc20', 'http://prod.example.edu/', X'e4'));
     CREATE VIEW ${p}seen AS SELECT id FROM ${p}orders;
     CREATE SEQUENCE ${p}numbers;
     CREATE TRIGGER ${p}touched BEFORE INSERT ON ${p}orders FOR EACH ROW SET NEW.url = 'made by a trigger';
     CREATE PROCEDURE tidy() DELETE FROM ${p}log; CREATE FUNCTION two() RETURNS INT DETERMINISTIC RETURN 2;
     CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY DO DELETE FROM ${p}log`,
  );
});
afterAll(() => pair[Symbol.asyncDispose]());

async function plan(...flags: string[]): Promise<{ exitCode: number | undefined; plan: Plan }> {
  const { exitCode, stdout, stderr } = await pair.run(
    'env-migrate',
    'prod',
    'stg',
    '--dry-run',
    '--json',
    ...flags,
  );
  const parsed = JSON.parse(stdout) as { plan: Plan };
  expect(parsed.plan, stderr + stdout).toBeDefined();
  return { exitCode, plan: parsed.plan };
}

const find = ({ hazards }: Plan, code: string): Hazard | undefined =>
  hazards.find(hazard => hazard.code === code);

describe('what a plan names beforehand', () => {
  it('H27 H28 views, and tables outside of the snapshot; and what the user may not see', async () => {
    const { plan: made } = await plan();
    expect(find(made, 'view_not_carried')?.message).toContain('wp_22_seen');
    expect(find(made, 'not_in_snapshot')).toMatchObject({
      siteIds: [2],
      message: expect.stringContaining('wp_22_log'),
    });
    for (const code of ['triggers_unseen', 'routines_unseen'])
      expect(find(made, code)?.hint, code).toMatch(
        /^With [A-Z, and]+ the plan could .*wfuwp config grants prod stg$/,
      );
  });

  it('H36 each foreign key that leads out of its site, which definitions show to everybody', async () => {
    const { exitCode, plan: made } = await plan();
    expect(exitCode).toBe(4);
    expect(find(made, 'foreign_key_across_sites')).toMatchObject({
      blocking: true,
      message: expect.stringContaining('wp_24_members → wp_2users'),
      siteIds: [4],
    });
    expect(find(made, 'foreign_keys_unseen')).toBeUndefined();
  });

  it('H27 with the rights for it, triggers, routines and events by name', async () => {
    let reader = '';
    await pair.configure(({ environments }) => {
      reader = environments.prod.database.user;
    });
    const { server, database } = pair.source;
    await server.query(`GRANT TRIGGER, EXECUTE, EVENT ON ${database}.* TO '${reader}'@'%'`);
    const { plan: made } = await plan();
    await server.query(`REVOKE TRIGGER, EXECUTE, EVENT ON ${database}.* FROM '${reader}'@'%'`);
    expect(find(made, 'trigger_not_carried')).toMatchObject({
      siteIds: [2],
      message: expect.stringContaining('wp_22_touched on wp_22_orders'),
    });
    expect(find(made, 'routine_not_carried')).toMatchObject({
      blocking: false,
      message: expect.stringContaining('function two, procedure tidy, event nightly'),
    });
    expect(find(made, 'routines_unseen')).toBeUndefined();
  });
});

describe('what is carried', () => {
  let summary: Summary;
  beforeAll(async () => {
    const accept = ['--accept', 'foreign_key_across_sites'];
    const outcome = await pair.run('env-migrate', 'prod', 'stg', '--yes', '--json', ...accept);
    expect(outcome.exitCode, outcome.stderr + outcome.stdout).toBe(0);
    summary = JSON.parse(outcome.stdout) as Summary;
  });

  it('H36 but for a site whose foreign key leads out of it', async () => {
    expect(summary.sites).toMatchObject({ total: 4, completed: 4 });
    expect(summary.leftOut).toEqual([{ siteId: 4, reason: '--accept foreign_key_across_sites' }]);
    expect(await atTarget("SHOW TABLES LIKE 'wp\\_4\\_members'")).toEqual([]);
  });

  it('H27 sequences with their state', async () => {
    expect(await atTarget('SELECT * FROM wp_2_numbers')).toEqual(
      await atSource('SELECT * FROM wp_22_numbers'),
    );
  });

  it('H23 every table, under the prefix of the target', async () => {
    const names = async (database: string, server = pair.target.server): Promise<string[]> => [
      ...(await checksumTables(server, database)).keys(),
    ];
    const source = await names(pair.source.database, pair.source.server);
    const wanted = source
      .filter(name => !/^wp_2(4_|users|usermeta)|numbers$/.test(name))
      .map(name => name.replace(/^wp_2/, 'wp_'));
    expect(await names(pair.target.database)).toEqual(expect.arrayContaining(wanted));
    // Only the tables' names have changed; site 4, which was left out, is as it was.
    expect(
      await atTarget("SELECT option_value AS url FROM wp_2_options WHERE option_name = 'siteurl'"),
    ).toEqual([{ url: expect.stringContaining('stg.example.edu') }]);
  });

  it('H25 a table that the source has not is not there afterwards, and kept', async () => {
    expect(await atTarget("SHOW TABLES LIKE 'wp\\_3\\_links'")).toEqual([]);
    expect(
      await pair.target.server.query(`SHOW TABLES IN ${pair.target.previous} LIKE 'wp\\_3\\_links'`),
    ).toHaveLength(1);
  });

  it('H36 foreign keys within a site hold at the target, between the live tables', async () => {
    expect(await atTarget('SELECT * FROM wp_2_items ORDER BY id')).toHaveLength(2);
    await expect(atTarget('INSERT INTO wp_2_items VALUES (3, 99, NULL)')).rejects.toThrow(/of_order/);
    await atTarget('INSERT INTO wp_2_items VALUES (3, 1, 2)');
    await atTarget('DELETE FROM wp_2_items WHERE id = 3');
    const keys = await pair.target.server.query(
      `SELECT DISTINCT REFERENCED_TABLE_SCHEMA AS place, REFERENCED_TABLE_NAME AS name FROM information_schema.KEY_COLUMN_USAGE
       WHERE TABLE_SCHEMA = ? AND REFERENCED_TABLE_NAME IS NOT NULL ORDER BY name`,
      [pair.target.database],
    );
    expect(keys).toEqual([
      { place: pair.target.database, name: 'wp_2_items' },
      { place: pair.target.database, name: 'wp_2_orders' },
    ]);
  });

  it('H28 MyISAM as it is, rewritten and searchable', async () => {
    const [table] = await pair.target.server.query(
      "SELECT ENGINE AS engine FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = 'wp_2_log'",
      [pair.target.database],
    );
    expect(table).toEqual({ engine: 'MyISAM' });
    expect(await atTarget('SELECT t FROM wp_2_log ORDER BY id')).toEqual([
      { t: 'see https://stg.example.edu/' },
      { t: 'and no more' },
    ]);
  });

  it('H31 latin1, with bytes that are UTF-8 and bytes that are not, rewritten and not converted', async () => {
    expect(await atTarget('SELECT HEX(t) AS hex FROM wp_2_old ORDER BY id')).toEqual([
      { hex: '5AC3BC72696368' },
      { hex: '5AFC72696368' },
      { hex: `FC20C3BC20${Buffer.from('http://stg.example.edu/').toString('hex').toUpperCase()}E4` },
    ]);
  });

  it('H27 without triggers and views', async () => {
    expect(await atTarget('SELECT url FROM wp_2_orders')).toEqual([{ url: 'https://stg.example.edu/order' }]);
    expect(await atTarget("SHOW TABLES LIKE 'wp\\_2\\_seen'")).toEqual([]);
  });
});
