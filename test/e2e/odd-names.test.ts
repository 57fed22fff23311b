// F10 Names of tables, columns, settings and logins that every JavaScript object has as well.

import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { createEnvironments } from '../support/environments.ts';
import { onlyRunId } from '../support/runs.ts';

const NAMES = ['constructor', 'toString', 'valueOf', 'hasOwnProperty', '__proto__', '__defineGetter__'];

it('F10 are carried, counted and told as any other, with users merged and rows kept', async () => {
  const network = { sites: 2, scale: 0.02 };
  await using pair = await createEnvironments({
    ...network,
    live: { ...network, domain: 'stg.example.edu', seed: 2, sites: 3 },
  });
  await pair.configure(config => {
    config.network = { users: 'merge' };
  });
  const { source, target } = pair;
  const columns = NAMES.map(name => `\`${name}\` VARCHAR(99)`).join(', ');
  const url = "'https://site0002.prod.example.edu/'";
  for (const name of NAMES)
    await source.server.query(
      `USE ${source.database};
       CREATE TABLE \`wp_2_${name}\` (id INT PRIMARY KEY, ${columns});
       INSERT INTO \`wp_2_${name}\` VALUES (1, ${NAMES.map(() => url).join(', ')});
       INSERT INTO wp_2_options (option_name, option_value) VALUES ('${name}', ${url});
       INSERT INTO wp_users (user_login, user_nicename) VALUES ('${name}', '${name}');`,
    );
  for (const { server, database } of [source, target])
    await server.query(`ALTER TABLE ${database}.wp_blogs ADD COLUMN constructor VARCHAR(20) DEFAULT 'kept'`);

  const outcome = await pair.run('env-migrate', 'prod', 'stg', '--yes', '--accept', 'user_other_email');
  expect(outcome.exitCode, outcome.stderr).toBe(0);

  const file = `${pair.cwd}/logs/${await onlyRunId(pair)}/migration-summary.json`;
  const { rewritten } = JSON.parse(await readFile(file, 'utf8'));
  for (const table of NAMES) {
    for (const column of NAMES)
      expect(rewritten.columns).toContainEqual({ table, column, values: 1, sites: 1 });
    // The driver makes no object of a row with such columns.
    const values = NAMES.map(name => `\`${name}\``).join(', ');
    const [row] = await target.server.query(
      `SELECT CONCAT_WS(' ', ${values}) AS v FROM ${target.database}.\`wp_2_${table}\``,
    );
    expect(row).toEqual({ v: NAMES.map(() => 'https://site0002.stg.example.edu/').join(' ') });
  }
  const [users] = await target.server.query(
    `SELECT COUNT(*) AS n FROM ${target.database}.wp_users WHERE user_login IN ('${NAMES.join("', '")}')`,
  );
  expect(users).toEqual({ n: NAMES.length });
  const [blog] = await target.server.query(
    `SELECT constructor AS c FROM ${target.database}.wp_blogs WHERE blog_id = 4`,
  );
  expect(blog).toEqual({ c: 'kept' });
});

it('F29 sites whose ids are out of range are named, and with --accept left out with what is theirs', async () => {
  const [odd, near] = ['9007199254740993', '999999999999999'];
  await using pair = await createEnvironments({ sites: 2, scale: 0.02 });
  const { source, target } = pair;
  for (const id of [odd, near])
    await source.server.query(
      `USE ${source.database};
       INSERT INTO wp_blogs (blog_id, site_id, domain, path) VALUES (${id}, 1, 's${id}.prod.example.edu', '/');
       CREATE TABLE wp_${id}_options LIKE wp_2_options; INSERT INTO wp_${id}_options SELECT * FROM wp_2_options;
       CREATE TABLE wp_${id}_posts LIKE wp_2_posts; CREATE TABLE wp_${id}_crm LIKE wp_2_posts`,
    );
  const refused = await pair.run('env-migrate', 'prod', 'stg', '--yes');
  expect(refused.exitCode).toBe(4);
  expect(refused.stderr).toMatch(/id_out_of_range: .*site 9007199254740993 of the source/);
  expect(refused.stderr).not.toContain(`site ${near}`);

  const outcome = await pair.run('env-migrate', 'prod', 'stg', '--yes', '--accept', 'id_out_of_range');
  expect(outcome.exitCode, outcome.stderr).toBe(0);
  const blogs = await target.server.query<{ id: string }>(
    `SELECT CAST(blog_id AS CHAR) AS id FROM ${target.database}.wp_blogs ORDER BY blog_id`,
  );
  expect(blogs.map(({ id }) => id)).toEqual(['1', '2', '3', near]);
  const tables = await target.server.query<{ name: string }>(
    'SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = ?',
    [target.database],
  );
  const names = tables.map(({ name }) => name);
  expect(names).toContain(`wp_${near}_crm`);
  expect(names.filter(name => name.includes(odd))).toEqual([]);
});
