// verify: what a run has made is proven again, by its journal and by the source. Whatever differs is told by table, and
// nothing is changed anywhere.

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { VerifiedUnit, VerifyReport } from '../../src/migration/verify-report.ts';
import { completeMigration } from '../support/complete-migration.ts';
import { createEnvironments, type Environments } from '../support/environments.ts';
import { checksumTables } from '../support/generate-network.ts';
import { lockTable, queriesOn, waitForHeldQuery, waitUntil } from '../support/runs.ts';

const NETWORK = { sites: 6, scale: 0.03 };
const LIVE = { sites: 8, scale: 0.02, domain: 'stg.example.edu', seed: 2 };

describe('verify', () => {
  it('of a run: proven as it was left; afterwards told by table what is not', async () => {
    await using pair = await createEnvironments({ ...NETWORK, live: LIVE });
    const id = await completeMigration(pair);
    const before = await fingerprint(pair);
    const clean = await verify(pair, id);
    expect(clean.exitCode, clean.stderr).toBe(0);
    expect(clean.report).toMatchObject({
      against: 'journal',
      allProven: true,
      counts: { units: 8, proven: 8, leftovers: 0 },
    });
    // H05, H12: what a copy leaves is listed with its reason, and is no failure.
    expect(reasonsOf(clean.report)).toEqual(expect.arrayContaining(['broken_serialized', 'email']));
    expect(await fingerprint(pair)).toEqual(before);

    await damage(pair);
    const { report, exitCode, stderr } = await verify(pair, id);
    expect(exitCode, stderr).toBe(3);
    expect(verdictsOf(report)).toEqual({
      2: { wp_2_posts: 'content_differs' },
      3: { wp_3_postmeta: 'rows_differ' },
      4: { wp_4_terms: 'missing' },
      5: { wp_5_posts: 'content_differs' },
    });
    expect(report.counts).toMatchObject({ units: 8, proven: 4, different: 4 });
    // H02: found inside serialized data as well, and by its key.
    expect(tableOf(report, 5, 'wp_5_posts').leftovers).toEqual([
      { column: 'post_content', values: 2, keys: ['ID=1', 'ID=2'] },
    ]);
    expect(report.nextCommands).toEqual(['wfuwp env-migrate prod stg --include-sites 2-5 --sites-only']);

    const text = await pair.run('env-migrate', 'verify', id, '--sites', '2,4,5');
    expect(text.exitCode).toBe(3);
    for (const words of [
      'NOT proven: 3 of 3 sites, prod → stg',
      'wp_4_terms is not there',
      'wp_5_posts.post_content: 2 values (ID=1; ID=2)',
      "or damaged. The two can't be",
    ])
      expect(text.stdout).toContain(words);
    expect((await verify(pair, id, '--sites', '1,6')).exitCode).toBe(0);
  });

  it('of two environments: the source as it is now, rewritten on the way', async () => {
    await using pair = await createEnvironments({ ...NETWORK, live: LIVE });
    const id = await completeMigration(pair);
    const before = await fingerprint(pair);
    const clean = await verify(pair, 'prod', 'stg');
    expect(clean.exitCode, clean.stderr + JSON.stringify(verdictsOf(clean.report))).toBe(0);
    expect(clean.report).toMatchObject({
      migrationId: null,
      against: 'source',
      counts: { units: 8, proven: 8 },
    });
    expect(await fingerprint(pair)).toEqual(before);

    const { source, target } = pair;
    await source.server.query(`UPDATE ${source.database}.wp_2_posts SET post_title = 'New' WHERE ID = 1`);
    await source.server.query(`ALTER TABLE ${source.database}.wp_3_options ADD COLUMN extra INT`);
    await target.server.query(`DROP TABLE ${target.database}.wp_4_terms`);
    const { report, exitCode } = await verify(pair, 'prod', 'stg');
    expect(exitCode).toBe(3);
    expect(verdictsOf(report)).toEqual({
      2: { wp_2_posts: 'content_differs' },
      3: { wp_3_options: 'not_comparable' },
      4: { wp_4_terms: 'missing' },
    });
    expect(tableOf(report, 3, 'wp_3_options').reason).toBe('the target lacks the column extra');
    // By the journal the target is what the run has made of site 2: the source has moved on, not the target.
    expect((await verify(pair, id, '--sites', '0,2')).exitCode).toBe(0);
  });

  it('of two environments with a safety policy: the rows as the policy makes them', async () => {
    await using pair = await createEnvironments({ ...NETWORK, sites: 2, live: LIVE });
    pair.env.PSEUDONYM_KEY = 'a key that nobody has guessed yet';
    await pair.configure(config => {
      delete config.tables;
      config.network.protectedMeta = ['forms_*'];
      config.environments.stg.safety = { policy: 'lower', key: `\${PSEUDONYM_KEY}` };
    });
    const { source, target } = pair;
    await source.server.query(`USE ${source.database};
      INSERT INTO wp_2_comments (comment_post_ID, comment_author, comment_author_email, comment_content) VALUES
        (1, 'Jane', 'jane@people.example.org', 'See https://prod.example.edu/');
      INSERT INTO wp_2_options (option_name, option_value) VALUES ('acme_api_key', 'of the source'),
        ('_transient_planted', 'x')`);
    await target.server.query(`USE ${target.database};
      INSERT INTO wp_sitemeta (site_id, meta_key, meta_value) VALUES (1, 'forms_key', 'of the target')`);
    await completeMigration(pair);
    const clean = await verify(pair, 'prod', 'stg');
    expect(clean.exitCode, clean.stderr + JSON.stringify(verdictsOf(clean.report))).toBe(0);
    expect(clean.report).toMatchObject({ allProven: true, counts: { units: 4, proven: 4 } });
    const text = await pair.run('env-migrate', 'verify', 'prod', 'stg', '--sites', '0');
    expect(text.stdout).toContain("wp_sitemeta: rows of the target's own stay in them");
    expect(text.stdout).not.toContain('What differs');

    // As it is at the source, and as the policy would never leave it.
    await target.server.query(`USE ${target.database};
      UPDATE wp_2_comments SET comment_author_email = 'jane@people.example.org' WHERE comment_content LIKE 'See %';
      UPDATE wp_3_options SET option_value = '1' WHERE option_name = 'blog_public'`);
    // What stays at the source may change there.
    await source.server.query(
      `UPDATE ${source.database}.wp_2_options SET option_value = 'y' WHERE option_name = '_transient_planted'`,
    );
    const { report, exitCode } = await verify(pair, 'prod', 'stg');
    expect(exitCode).toBe(3);
    expect(verdictsOf(report)).toEqual({
      2: { wp_2_comments: 'content_differs' },
      3: { wp_3_options: 'content_differs' },
    });
    const other = await pair.run('env-migrate', 'verify', 'prod', 'stg', '--sites', '2');
    expect(other.stdout).toContain('wp_2_comments has its');
    expect(other.stdout).not.toContain('jane@');
  });

  it('says of which sites a run can prove nothing any more, and refuses what it does not understand', async () => {
    await using pair = await createEnvironments({ sites: 3, scale: 0.02 });
    const first = await completeMigration(pair);
    const second = await completeMigration(pair, '--include-sites', '2,3', '--sites-only', '--only-changed');
    // Nothing had changed: what the first run has left there is what the second one speaks for.
    expect((await verify(pair, second)).report).toMatchObject({ allProven: true, counts: { proven: 2 } });
    await pair.run('env-migrate', 'prod', 'stg', '--yes', '--include-sites', '2', '--sites-only');
    await pair.run('env-migrate', 'rollback', first, '--sites', '3', '--yes');
    const { report, exitCode } = await verify(pair, first);
    expect(exitCode).toBe(3);
    expect(report.units.map(unit => [unit.siteId, unit.verdict])).toEqual([
      [0, 'proven'],
      [1, 'proven'],
      [2, 'not_verified'],
      [3, 'not_part'],
      [4, 'proven'],
    ]);
    expect(report.units[2]!.reason).toMatch(/^a later run, env-migrate-\S+, has migrated it again$/);

    const cases: [args: string[], exitCode: number, said: string][] = [
      [['zzz999'], 10, 'There is no run "zzz999"'],
      [['prod'], 2, 'name the target as well'],
      [['prod', 'sgt'], 12, 'Did you mean "stg"?'],
      [[first, '--sites', '77'], 2, 'has no site 77'],
    ];
    // Held by a lock, then interrupted: its query ends as well.
    await using held = await lockTable(pair.target.server, `${pair.target.database}.wp_4_posts`);
    const running = pair.start('env-migrate', 'verify', first);
    await waitForHeldQuery(pair.target.server, pair.target.database, 'wp_4_posts');
    running.kill('SIGINT');
    const interrupted = await running;
    expect([interrupted.exitCode, interrupted.stderr]).toEqual([
      130,
      expect.stringContaining('Nothing was changed.'),
    ]);
    await waitUntil(
      async () => (await queriesOn(pair.target.server, pair.target.database)).length === 0,
      'the end of its queries',
    );
    await held[Symbol.asyncDispose]();

    for (const [args, code, said] of cases) {
      const outcome = await pair.run('env-migrate', 'verify', ...args);
      expect([args, outcome.exitCode, outcome.stderr]).toEqual([args, code, expect.stringContaining(said)]);
    }
  });
});

/** What somebody, or something, does to the target after the run. */
async function damage({ target: { server, database } }: Environments): Promise<void> {
  const leftover = `a:1:{s:3:"url";s:31:"https://prod.example.edu/x?n=123";}`.replace('31', '32');
  await server.query(
    `USE ${database};
     UPDATE wp_2_posts SET post_title = 'Changed by hand' WHERE ID = 1;
     DELETE FROM wp_3_postmeta LIMIT 1;
     DROP TABLE wp_4_terms;
     UPDATE wp_5_posts SET post_content = 'See https://prod.example.edu/a' WHERE ID = 1;
     UPDATE wp_5_posts SET post_content = '${leftover}' WHERE ID = 2`,
  );
}

async function verify(
  pair: Environments,
  ...args: string[]
): Promise<{ report: VerifyReport; exitCode: number | undefined; stderr: string }> {
  const { stdout, exitCode, stderr } = await pair.run('env-migrate', 'verify', ...args, '--json');
  return { report: JSON.parse(stdout) as VerifyReport, exitCode, stderr };
}

/** Everything that a read-only command could have written to. */
async function fingerprint({ cwd, source, target }: Environments): Promise<unknown> {
  const { server, database, staging, previous } = target;
  const databases = await Promise.all([
    checksumTables(source.server, source.database),
    ...[database, staging, previous].map(name => checksumTables(server, name)),
  ]);
  const names = (await readdir(join(cwd, 'logs'), { recursive: true, withFileTypes: true }))
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
    .sort();
  const files = await Promise.all(names.map(async name => [name, await readFile(name, 'utf8')]));
  return { databases, files };
}

function verdictsOf({ units }: VerifyReport): Record<number, Record<string, string>> {
  const wrong = units.filter(unit => unit.verdict === 'different');
  return Object.fromEntries(wrong.map(unit => [unit.siteId, differing(unit)]));
}

function differing(unit: VerifiedUnit): Record<string, string> {
  const tables = unit.tables.filter(table => table.verdict !== 'same' || table.leftovers.length > 0);
  return Object.fromEntries(tables.map(table => [table.table, table.verdict]));
}

function tableOf({ units }: VerifyReport, siteId: number, name: string) {
  return units.find(unit => unit.siteId === siteId)!.tables.find(table => table.table === name)!;
}

function reasonsOf({ units }: VerifyReport): string[] {
  const left = units.flatMap(unit => unit.tables).flatMap(table => table.left);
  return [...new Set(left.map(group => group.reason))];
}
