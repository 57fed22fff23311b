// Users who don't just stay as they are at the target: copied, or merged with it.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createEnvironments, type Environments } from '../support/environments.ts';
import { checksumTables } from '../support/generate-network.ts';
import { killAt, onlyRunId } from '../support/runs.ts';

const NETWORK = { sites: 2, scale: 0.03 };
const LIVE = { ...NETWORK, domain: 'stg.example.edu', seed: 2 };
const MIGRATE = ['env-migrate', 'prod', 'stg', '--yes'] as const;

const setUsers = (pair: Environments, users: 'copy' | 'merge', over: object = {}): Promise<void> =>
  pair.configure(config => {
    config.network = { users, ...over };
  });

type End = 'source' | 'target';

function query<T>(pair: Environments, end: End, sql: string): Promise<T[]> {
  return pair[end].server.query<T>(`${sql.replaceAll('$', pair[end].database)}`);
}

describe('users: copy', () => {
  it('H23 brings users and what they are on which site, under another table prefix, and no sessions', async () => {
    await using pair = await createEnvironments({ ...NETWORK, live: { ...LIVE, prefix: 'stg9_' } });
    await query(
      pair,
      'source',
      `USE $; INSERT INTO wp_usermeta (user_id, meta_key, meta_value) VALUES
         (1, 'session_tokens', 'x'), (1, 'wp_capabilities', 'a:1:{s:13:"administrator";b:1;}'), (1, 'wp_user_level', '10'),
         (1, 'wp_user-settings', 'x'), (1, 'wp_2_user_level', '7'), (1, 'wp_2fa_note', 'x'), (1, 'stg9_capabilities', 'x')`,
    );
    await pair.configure(config => {
      config.environments.stg.tablePrefix = 'stg9_';
    });
    await setUsers(pair, 'copy');
    const outcome = await pair.run(...MIGRATE);
    expect(outcome.exitCode, outcome.stderr).toBe(0);

    const meta = (end: End, table: string) =>
      query<{ id: number; k: string; v: string }>(
        pair,
        end,
        `SELECT user_id AS id, meta_key AS k, meta_value AS v FROM $.${table} ORDER BY umeta_id`,
      );
    const expected = (await meta('source', 'wp_usermeta'))
      .filter(({ k }) => k !== 'session_tokens' && k !== 'stg9_capabilities')
      .map(({ id, k, v }) => ({
        id,
        k: k.replace(/^wp_(?=\d+_|capabilities|user_level|user-settings)/, 'stg9_'),
        v: v
          .replaceAll('prod.example.edu', 'stg.example.edu')
          .replaceAll(/s:(\d+):"https/g, (_, n) => `s:${n - 1}:"https`),
      }));
    expect(await meta('target', 'stg9_usermeta')).toEqual(expected);
    const logins = (end: End, table: string) =>
      query(pair, end, `SELECT ID, user_login, user_email FROM $.${table} ORDER BY ID`);
    expect(await logins('target', 'stg9_users')).toEqual(await logins('source', 'wp_users'));
    expect(
      await query(
        pair,
        'target',
        "SELECT option_name FROM $.stg9_2_options WHERE option_name LIKE '%user_roles'",
      ),
    ).toEqual([{ option_name: 'stg9_2_user_roles' }]);
    expect(outcome.stdout).toMatch(/follow_prefix/);
    // In one piece with the network tables, and back with them.
    const back = await pair.run('env-migrate', 'rollback', await onlyRunId(pair), '--sites', '0', '--yes');
    expect(back.exitCode, back.stderr).toBe(0);
    const [user] = await query<{ e: string }>(
      pair,
      'target',
      'SELECT user_email AS e FROM $.stg9_users LIMIT 1',
    );
    expect(user?.e).toContain('@stg.example.edu');
  });

  it('refuses where sites of the target would stay with other people as their authors', async () => {
    await using pair = await createEnvironments({ ...NETWORK, live: { ...LIVE, sites: 3 } });
    await setUsers(pair, 'copy');
    const { exitCode, stderr } = await pair.run(...MIGRATE);
    expect(exitCode).toBe(4);
    expect(stderr).toContain('users_replaced');
  });
});

describe('F05 users and usermeta, of which one is no table at the source', () => {
  it.each(['copy', 'merge'] as const)('are refused with users: %s, and nothing is written', async users => {
    await using pair = await createEnvironments({ ...NETWORK, live: LIVE });
    await setUsers(pair, users);
    const before = await checksumTables(pair.target.server, pair.target.database);
    const databases = () => query(pair, 'target', "SHOW DATABASES LIKE '$\\_%'");
    const replaceBy = (table: string, sql: string) =>
      query(pair, 'source', `USE $; RENAME TABLE wp_${table} TO kept_${table}; ${sql}`);

    await replaceBy(
      'usermeta',
      'CREATE SQL SECURITY INVOKER VIEW wp_usermeta AS SELECT * FROM kept_usermeta',
    );
    const asView = await pair.run(...MIGRATE, '--accept', 'user_other_email', '--accept', 'users_apart');
    expect(asView.exitCode, asView.stderr).toBe(4);
    expect(asView.stderr).toMatch(/users_apart: .*the source has no table wp_usermeta, but a view/);

    await query(pair, 'source', 'USE $; DROP VIEW wp_usermeta; RENAME TABLE kept_usermeta TO wp_usermeta');
    await replaceBy('users', '');
    const missing = await pair.run(...MIGRATE);
    expect(missing.exitCode, missing.stderr).toBe(4);
    expect(missing.stderr).toMatch(/[Tt]he source has no table .*wp_users/);

    expect(await databases()).toEqual([]);
    expect(await checksumTables(pair.target.server, pair.target.database)).toEqual(before);
  });
});

/** The target has other people under ids of the source's, the same people under other ids, and people of its own. */
async function prepareMerge(pair: Environments, prefix = 'wp_'): Promise<void> {
  const users = [
    [1, 'boss', 'boss@stg.example.edu'],
    [2, 'admin', 'user0@prod.example.edu'],
    [3, 'USER1', 'User1@prod.example.edu'],
    [4, 'fifth', 'user5@prod.example.edu'],
    [5, 'tessa', 'tessa@stg.example.edu'],
    [40, 'user7', 'seventh@stg.example.edu'],
    [50, 'dev', 'dev@stg.example.edu'],
  ];
  await query(
    pair,
    'target',
    `USE $; DELETE FROM ${prefix}users; DELETE FROM ${prefix}usermeta;
     INSERT INTO ${prefix}users (ID, user_login, user_nicename, user_email) VALUES
       ${users.map(([id, login, email]) => `(${id}, '${login}', '${login === 'tessa' ? 'user4' : login}', '${email}')`).join(', ')};
     INSERT INTO ${prefix}usermeta (user_id, meta_key, meta_value) VALUES (3, 'nickname', 'of the target'),
       (3, 'session_tokens', 'of the target'), (3, '${prefix}2_capabilities', 'of the target'), (3, '${prefix}9_capabilities', 'of the target'),
       (50, '${prefix}2_capabilities', 'of the target'), (6, '${prefix}2_capabilities', 'of one who is gone'),
       (3, 'many', '1'), (3, 'many', '2')`,
  );
  await query(
    pair,
    'source',
    `USE $; DELETE FROM wp_usermeta WHERE user_id = 2 AND meta_key = 'wp_2_capabilities';
     INSERT INTO wp_usermeta (user_id, meta_key, meta_value) VALUES (2, 'nickname', 'of the source'), (2, 'hobby', 'chess'),
       (2, 'session_tokens', 'of the source'), (2, 'wp_2_capabilities', 'of the source'), (5, 'wp_3_capabilities', 'of user4'),
       (2, 'wp_9_capabilities', 'of the source'), (77, 'nickname', 'of nobody'), (50, 'wp_2_capabilities', 'of one who is gone');
     CREATE TABLE wp_2_crm (id INT PRIMARY KEY, owner BIGINT); INSERT INTO wp_2_crm VALUES (1, 5), (2, 2);
     UPDATE wp_2_posts SET post_author = ID % 30 + 1; UPDATE wp_3_posts SET post_author = ID % 30 + 1;
     UPDATE wp_3_posts SET post_author = 50 ORDER BY ID LIMIT 1;
     UPDATE wp_2_comments SET user_id = comment_ID % 30 + 1`,
  );
}

/** By login, as it is at the target: who wrote what. */
async function readAuthors(
  pair: Environments,
  end: End,
  prefix = 'wp_',
): Promise<Record<string, string | null>> {
  const tables = [
    ['posts', '2_posts', 'ID', 'post_author'],
    ['posts3', '3_posts', 'ID', 'post_author'],
    ['comments', '2_comments', 'comment_ID', 'user_id'],
    ['crm', '2_crm', 'id', 'owner'],
  ] as const;
  const rows = await query<{ row: string; login: string | null }>(
    pair,
    end,
    tables
      .map(
        ([name, table, key, author]) =>
          `SELECT CONCAT('${name} ', t.${key}) AS row, LOWER(u.user_login) AS login
           FROM $.${prefix}${table} AS t LEFT JOIN $.${prefix}users AS u ON u.ID = t.${author}`,
      )
      .join(' UNION ALL '),
  );
  return Object.fromEntries(rows.map(({ row, login }) => [row, login === 'user5' ? 'fifth' : login]));
}

describe('users: merge', () => {
  it('asks first, then every author is the right person, and what each side knows of them stays', async () => {
    await using pair = await createEnvironments({ ...NETWORK, live: LIVE });
    await prepareMerge(pair);
    await setUsers(pair, 'merge', { userColumns: ['crm.owner'] });
    const before = await checksumTables(pair.target.server, pair.target.database);

    const refused = await pair.run(...MIGRATE);
    expect(refused.exitCode).toBe(4);
    expect(refused.stderr).toContain('user_other_email');
    expect(refused.stderr).toContain('user7 (8) (40 at the target)');
    expect(await checksumTables(pair.target.server, pair.target.database)).toEqual(before);

    const id = await killAt(pair, 'before rename', 1, ...MIGRATE, '--accept', 'user_other_email');
    // Too late for this run: neither they nor anybody else may get what they write.
    await query(
      pair,
      'source',
      `USE $; INSERT INTO wp_users (ID, user_login, user_email) VALUES (31, 'late', 'late@prod.example.edu');
       UPDATE wp_3_posts SET post_author = 31 ORDER BY ID DESC LIMIT 1`,
    );
    const outcome = await pair.run('env-migrate', '--resume', id, '--yes');
    expect(outcome.exitCode, outcome.stderr).toBe(0);
    expect(outcome.stdout).toMatch(/leave_unknown_users .*posts/);

    const authors = await readAuthors(pair, 'source');
    const late = Object.entries(authors).find(([, login]) => login === 'late')![0];
    expect(Object.keys(authors).length).toBeGreaterThan(10);
    expect(await readAuthors(pair, 'target')).toEqual({ ...authors, [late]: null });
    const nobody = await query(
      pair,
      'target',
      'SELECT COUNT(*) AS n FROM $.wp_3_posts WHERE post_author = 0',
    );
    expect(nobody).toEqual([{ n: 2 }]);

    const users = await query<{ ID: number; user_login: string; user_nicename: string }>(
      pair,
      'target',
      'SELECT ID, user_login, user_nicename FROM $.wp_users ORDER BY ID',
    );
    // 7 of the target's, and 30 less the 4 whom both know.
    expect(users).toHaveLength(33);
    expect(new Set(users.map(({ user_login }) => user_login.toLowerCase())).size).toBe(33);
    expect(new Set(users.map(({ user_nicename }) => user_nicename)).size).toBe(33);
    expect(users.filter(({ ID }) => [1, 4, 5, 7, 50].includes(ID)).map(user => user.user_login)).toEqual([
      ...['boss', 'fifth', 'tessa', 'user6', 'dev'],
    ]);

    const meta = async (login: string) => {
      const rows = await query<{ k: string; v: string }>(
        pair,
        'target',
        `SELECT meta_key AS k, meta_value AS v FROM $.wp_usermeta AS m JOIN $.wp_users AS u ON u.ID = m.user_id
         WHERE user_login = '${login}' AND meta_key NOT IN ('profile_links', 'description') ORDER BY umeta_id`,
      );
      return rows.map(({ k, v }) => `${k}: ${v}`);
    };
    const user1 = await meta('user1');
    expect(user1).toEqual(
      expect.arrayContaining([
        'nickname: of the target',
        'session_tokens: of the target',
        'hobby: chess',
        'wp_2_capabilities: of the source',
        'wp_9_capabilities: of the target',
        'many: 1',
        'many: 2',
      ]),
    );
    expect(user1.filter(row => /of the|many/.test(row))).toHaveLength(6);
    expect(user1.indexOf('many: 1')).toBeLessThan(user1.indexOf('many: 2'));
    expect(await meta('user4')).toContain('wp_3_capabilities: of user4');
    expect(await meta('dev')).toEqual(['wp_2_capabilities: of the target']);
    expect(
      await query(pair, 'target', "SELECT 1 FROM $.wp_usermeta WHERE meta_value = 'of one who is gone'"),
    ).toEqual([]);
    for (const file of ['migration-plan.json', 'migration-users.json', 'migration-journal.jsonl'])
      expect(await readFile(join(pair.cwd, 'logs', id, file), 'utf8')).not.toMatch(/user5@|seventh@/);

    // What was copied with everybody known is spared; what had somebody unknown is not.
    const again = await pair.run(...MIGRATE, '--accept', 'user_other_email', '--only-changed', '--json');
    expect(again.exitCode, again.stderr).toBe(0);
    const { unchanged } = JSON.parse(again.stdout) as { unchanged: number[] };
    expect(unchanged).toContain(2);
    expect(unchanged).not.toContain(3);
    expect((await readAuthors(pair, 'target'))[late]).toBe('late');
  });

  it('stops before anything is changed when somebody has come to the target who is in the way', async () => {
    await using pair = await createEnvironments({ ...NETWORK, live: LIVE });
    await prepareMerge(pair);
    await setUsers(pair, 'merge');
    const id = await killAt(pair, 'after migration.started', 1, ...MIGRATE, '--accept', 'user_other_email');
    await query(
      pair,
      'target',
      "USE $; INSERT INTO wp_users (ID, user_login, user_email) VALUES (60, 'user20', 'new@stg.example.edu')",
    );
    const before = await checksumTables(pair.target.server, pair.target.database);
    const { exitCode, stdout, stderr } = await pair.run('env-migrate', '--resume', id, '--yes');
    expect(exitCode).not.toBe(0);
    expect(stdout + stderr).toContain('user20 (60)');
    expect(await checksumTables(pair.target.server, pair.target.database)).toEqual(before);
  });

  it('H23 merges under another table prefix, and a rollback leaves people exactly as they were', async () => {
    await using pair = await createEnvironments({ ...NETWORK, live: { ...LIVE, prefix: 'stg9_' } });
    await prepareMerge(pair, 'stg9_');
    await pair.configure(config => {
      config.environments.stg.tablePrefix = 'stg9_';
    });
    await setUsers(pair, 'merge', { userColumns: ['crm.owner'] });
    const before = await checksumTables(pair.target.server, pair.target.database);
    const outcome = await pair.run(...MIGRATE, '--accept', 'user_other_email');
    expect(outcome.exitCode, outcome.stderr).toBe(0);

    expect(await readAuthors(pair, 'target', 'stg9_')).toEqual(await readAuthors(pair, 'source'));
    const rights = await readRights(pair, 'stg9_');
    expect(rights).toEqual(
      expect.arrayContaining([
        'user1 stg9_2_capabilities: of the source',
        'user1 stg9_9_capabilities: of the target',
        'user4 stg9_3_capabilities: of user4',
        'dev stg9_2_capabilities: of the target',
      ]),
    );
    expect(rights.filter(row => / wp_|user1 stg9_2_.*target|9_9_.*source|one who is gone/.test(row))).toEqual(
      [],
    );

    const id = await onlyRunId(pair);
    const verified = await pair.run('env-migrate', 'verify', id);
    expect(verified.exitCode, verified.stdout).toBe(0);
    expect(verified.stdout).toMatch(/stg9_users, stg9_usermeta: rows of the target's own stay/);
    const back = await pair.run('env-migrate', 'rollback', id, '--yes');
    expect(back.exitCode, back.stderr).toBe(0);
    expect(await checksumTables(pair.target.server, pair.target.database)).toEqual(before);
  });

  it('with a choice of sites everybody comes, and what they are on these sites alone; nobody with --sites-only', async () => {
    await using pair = await createEnvironments({ ...NETWORK, live: LIVE });
    await prepareMerge(pair);
    await setUsers(pair, 'merge', { userColumns: ['crm.owner'] });
    const ofSite2 = (authors: Record<string, string | null>) =>
      Object.fromEntries(Object.entries(authors).filter(([row]) => !row.startsWith('posts3')));
    const accept = ['--accept', 'user_other_email'];
    const people = ['wp_users', 'wp_usermeta'];
    const checksums = async (): Promise<Map<string, string>> =>
      checksumTables(pair.target.server, pair.target.database);
    const before = await checksums();

    const alone = await pair.run(...MIGRATE, ...accept, '--include-sites', '2', '--sites-only');
    expect(alone.exitCode, alone.stderr).toBe(0);
    const without = await checksums();
    for (const table of people) expect(without.get(table), table).toBe(before.get(table));
    const source = ofSite2(await readAuthors(pair, 'source'));
    const known = new Set(['admin', 'user0', 'user1', 'fifth', 'user7']);
    // Of those who are not at the target, nothing is anybody else's.
    for (const [row, login] of Object.entries(ofSite2(await readAuthors(pair, 'target')))) {
      const author = source[row] ?? null;
      expect([row, login]).toEqual([row, author !== null && known.has(author) ? author : null]);
    }

    const outcome = await pair.run(...MIGRATE, ...accept, '--include-sites', '2');
    expect(outcome.exitCode, outcome.stderr).toBe(0);
    expect(ofSite2(await readAuthors(pair, 'target'))).toEqual(source);
    const after = await checksums();
    for (const table of after.keys())
      if (table.startsWith('wp_3_')) expect(after.get(table), table).toBe(before.get(table));
    const rights = await readRights(pair);
    expect(rights).toContain('user1 wp_2_capabilities: of the source');
    expect(rights).toContain('dev wp_2_capabilities: of the target');
    expect(rights.filter(row => /wp_3_.*user4|wp_9_.*source/.test(row))).toEqual([]);
  });

  it('H54 tells who is who by real addresses, makes pseudonyms of newcomers alone, and knows them again', async () => {
    await using pair = await createEnvironments({ ...NETWORK, live: LIVE });
    await prepareMerge(pair);
    await query(
      pair,
      'source',
      `USE $; INSERT INTO wp_users (ID, user_login, user_nicename, user_email, display_name) VALUES
         (50, 'ann', 'ann', 'ann@staff.example.org', 'Ann Real'), (51, 'jane', 'jane', 'jane@people.example.org', 'Jane Real');
       DELETE FROM wp_usermeta WHERE user_id = 50;
       INSERT INTO wp_usermeta (user_id, meta_key, meta_value) VALUES (50, 'first_name', 'Ann Real'),
         (51, 'first_name', 'Jane Real'), (2, 'billing_phone', '555 Real');
       INSERT INTO wp_2_comments (comment_post_ID, comment_author, comment_author_email, comment_content, user_id) VALUES
         (1, 'Ann Real', 'ann@staff.example.org', 'by ann', 50), (1, 'Jane Real', 'jane@people.example.org', 'by jane', 51)`,
    );
    await pair.configure(config => {
      config.environments.stg.safety = { policy: 'lower', staff: ['@staff.example.org'] };
    });
    await setUsers(pair, 'merge', { userColumns: ['crm.owner'] });
    const live = await query(pair, 'target', 'SELECT * FROM $.wp_users ORDER BY ID');
    const outcome = await pair.run(...MIGRATE, '--accept', 'user_other_email');
    expect(outcome.exitCode, outcome.stderr).toBe(0);

    type Person = { ID: unknown; user_login: string; user_email: string; display_name: string };
    const read = () => query<Person>(pair, 'target', 'SELECT * FROM $.wp_users ORDER BY ID');
    const users = await read();
    // 7 of the target's, and 32 less the 4 whom both know.
    expect(users).toHaveLength(35);
    const own = new Set(live.map(user => String((user as Person).ID)));
    expect(users.filter(user => own.has(String(user.ID)))).toEqual(live);
    const fresh = users.filter(user => !own.has(String(user.ID)));
    const strangers = fresh.filter(user => !/^(person-|Person )/.test(user.user_email + user.display_name));
    expect(strangers.map(user => [user.user_login, user.user_email, user.display_name])).toEqual([
      ['ann', 'ann@staff.example.org', 'Ann Real'],
    ]);
    expect(fresh.find(user => user.user_login === 'jane')?.display_name).toMatch(/^Person /);
    const metaOf = (keys: string) =>
      query<{ who: string; v: string }>(
        pair,
        'target',
        `SELECT u.user_login AS who, meta_value AS v FROM $.wp_usermeta AS m JOIN $.wp_users AS u ON u.ID = m.user_id
         WHERE meta_key IN (${keys}) ORDER BY who`,
      );
    expect(await metaOf("'first_name'")).toEqual(
      expect.arrayContaining([
        { who: 'ann', v: 'Ann Real' },
        { who: 'jane', v: expect.stringMatching(/^Person |^person-/) },
      ]),
    );
    expect(await metaOf("'billing_phone'")).toEqual([
      { who: 'USER1', v: expect.not.stringContaining('Real') },
    ]);
    expect(await readAuthors(pair, 'target')).toEqual(await readAuthors(pair, 'source'));
    const comments = await query<{ text: string; author: string }>(
      pair,
      'target',
      "SELECT comment_content AS text, comment_author AS author FROM $.wp_2_comments WHERE comment_content LIKE 'by %' ORDER BY 1",
    );
    expect(comments).toEqual([
      { text: 'by ann', author: 'Ann Real' },
      { text: 'by jane', author: expect.stringMatching(/^Person /) },
    ]);

    const again = await pair.run(...MIGRATE, '--accept', 'user_other_email', '--json');
    expect(again.exitCode, again.stderr).toBe(0);
    expect(await read()).toEqual(users);
    expect(await readAuthors(pair, 'target')).toEqual(await readAuthors(pair, 'source'));
  });
});

/** What somebody is on which site at the target: `login key: value`. */
async function readRights(pair: Environments, prefix = 'wp_'): Promise<string[]> {
  const rows = await query<{ login: string; k: string; v: string }>(
    pair,
    'target',
    `SELECT LOWER(u.user_login) AS login, meta_key AS k, meta_value AS v
     FROM $.${prefix}usermeta AS m LEFT JOIN $.${prefix}users AS u ON u.ID = m.user_id
     WHERE meta_key LIKE '%capabilities' ORDER BY umeta_id`,
  );
  return rows.map(({ login, k, v }) => `${login} ${k}: ${v}`);
}
