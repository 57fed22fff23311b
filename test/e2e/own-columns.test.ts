// F16 Columns that only the target's tables have: rows that stay keep them, and rows that come get what they had there.

import { expect, it } from 'vitest';
import { createEnvironments, type Environments } from '../support/environments.ts';
import { onlyRunId } from '../support/runs.ts';

const NETWORK = { sites: 2, scale: 0.02 };
const LIVE = { ...NETWORK, sites: 3, domain: 'stg.example.edu', seed: 2 };
const MIGRATE = ['env-migrate', 'prod', 'stg', '--yes', '--accept', 'user_other_email'] as const;

async function prepare(): Promise<Environments> {
  const pair = await createEnvironments({ ...NETWORK, live: LIVE });
  await pair.configure(config => {
    config.network = { users: 'merge' };
  });
  return pair;
}

const ask = <T>({ target }: Environments, sql: string): Promise<T[]> =>
  target.server.query<T>(sql.replaceAll('$', target.database));

it('F16 columns, their keys and their values stay; times that nobody has set are not touched', async () => {
  await using pair = await prepare();
  const { source, target } = pair;
  await source.server.query(
    `USE ${source.database};
     ALTER TABLE wp_users ADD COLUMN lastseen TIMESTAMP NOT NULL DEFAULT '2003-03-03' ON UPDATE CURRENT_TIMESTAMP FIRST,
       ADD COLUMN both_sides INT NOT NULL DEFAULT 1;
     INSERT INTO wp_users (ID, user_login, user_nicename, user_email) VALUES (900, 'carl', 'zoe', 'carl@x.org');
     UPDATE wp_users SET lastseen = '2003-03-03'`,
  );
  await target.server.query(
    `USE ${target.database};
     ALTER TABLE wp_blogs ADD COLUMN \`te\`\`nant\` VARCHAR(20) DEFAULT 'none' COMMENT 'a ) b' FIRST,
       ADD COLUMN seen TIMESTAMP NOT NULL DEFAULT '2004-04-04' ON UPDATE CURRENT_TIMESTAMP;
     UPDATE wp_blogs SET \`te\`\`nant\` = CONCAT('lab', blog_id), seen = '2005-05-05';
     ALTER TABLE wp_users ADD COLUMN dept VARCHAR(20) NOT NULL DEFAULT '' AFTER ID, ADD KEY by_dept (dept, user_login),
       ADD COLUMN hidden INT INVISIBLE DEFAULT 3, ADD COLUMN shout VARCHAR(40) AS (UPPER(dept)) STORED,
       ADD COLUMN BOTH_SIDES INT AS (40 + 2);
     INSERT INTO wp_users (ID, user_login, user_nicename, user_email, dept, hidden)
       VALUES (901, 'zoe', 'zoe', 'zoe@x.org', 'HR', 7);
     ALTER TABLE wp_usermeta ADD COLUMN note TEXT; ALTER TABLE wp_site ADD COLUMN plan_name VARCHAR(9) DEFAULT 'x';
     UPDATE wp_usermeta SET note = 'n'; UPDATE wp_site SET plan_name = 'gold'`,
  );
  const outcome = await pair.run(...MIGRATE);
  expect(outcome.exitCode, outcome.stderr).toBe(0);
  expect(
    await ask(pair, 'SELECT blog_id AS id, `te``nant` AS t, seen FROM $.wp_blogs ORDER BY blog_id'),
  ).toEqual([1, 2, 3, 4].map(id => ({ id, t: `lab${id}`, seen: '2005-05-05 00:00:00' })));
  expect(
    await ask(
      pair,
      "SELECT user_login AS u, dept, hidden, shout, both_sides AS b FROM $.wp_users WHERE user_login IN ('zoe', 'carl')",
    ),
  ).toEqual(
    expect.arrayContaining([
      { u: 'zoe', dept: 'HR', hidden: 7, shout: 'HR', b: 42 },
      { u: 'carl', dept: '', hidden: 3, shout: '', b: 1 },
    ]),
  );
  expect(
    await ask(pair, "SELECT lastseen AS at, user_nicename AS slug FROM $.wp_users WHERE user_login = 'carl'"),
  ).toEqual([{ at: '2003-03-03 00:00:00', slug: expect.stringMatching(/^zoe-\d+$/) }]);
  expect(await ask(pair, "SHOW KEYS FROM $.wp_users WHERE Key_name = 'by_dept'")).toHaveLength(2);
  expect(await ask(pair, 'SELECT DISTINCT plan_name AS p FROM $.wp_site')).toEqual([{ p: 'gold' }]);
  const [notes] = await ask<{ n: number }>(pair, "SELECT COUNT(*) AS n FROM $.wp_usermeta WHERE note = 'n'");
  expect(notes!.n).toBeGreaterThan(0);

  const verified = await pair.run('env-migrate', 'verify', await onlyRunId(pair));
  expect(verified.exitCode, verified.stdout + verified.stderr).toBe(0);
  expect(verified.stdout).not.toMatch(/lacks the column/);
});

it('F16 a value that the source’s column would cut is named, and nothing of the network changes', async () => {
  await using pair = await prepare();
  await ask(pair, `ALTER TABLE $.wp_users MODIFY user_login VARCHAR(90) NOT NULL DEFAULT ''`);
  await ask(
    pair,
    `INSERT INTO $.wp_users (ID, user_login, user_email) VALUES (901, REPEAT('z', 80), 'zoe@x.org')`,
  );
  const outcome = await pair.run(...MIGRATE);
  expect(outcome.exitCode).not.toBe(0);
  expect(outcome.stdout + outcome.stderr).toMatch(/is to stay doesn't fit the column .*user_login/);
  expect(await ask(pair, 'SELECT LENGTH(user_login) AS n FROM $.wp_users WHERE ID = 901')).toEqual([
    { n: 80 },
  ]);
});
