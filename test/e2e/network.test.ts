// The network's own tables at a target that lives already: what comes, what stays, and what a visitor meets meanwhile.

import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Plan } from '../../src/migration/plan.ts';
import { completeMigration } from '../support/complete-migration.ts';
import { createEnvironments, type Environments } from '../support/environments.ts';
import { ofType, readLines } from '../support/runs.ts';
import type { Outcome } from '../support/wfuwp.ts';

const NETWORK = { sites: 3, scale: 0.03 };
const LIVE = { sites: 5, scale: 0.03, domain: 'stg.example.edu', seed: 2 };

const find = <T>({ target }: Environments, sql: string): Promise<T[]> =>
  target.server.query<T>(sql.replaceAll('$', target.database));

/** Two networks in the source, settings on both sides, a site and a network that only the target has, plugin tables. */
async function prepare({ source, target }: Environments): Promise<void> {
  const tables = (name: string): string =>
    `CREATE TABLE ${name} (id INT PRIMARY KEY, owner BIGINT UNSIGNED NOT NULL DEFAULT 0, url VARCHAR(200))`;
  await source.server.query(`USE ${source.database};
    INSERT INTO wp_site VALUES (2, 'lab.prod.example.edu', '/');
    UPDATE wp_blogs SET site_id = 2, domain = 'lab.prod.example.edu', path = '/' WHERE blog_id = 4;
    INSERT INTO wp_sitemeta (site_id, meta_key, meta_value) VALUES
      (2, 'siteurl', 'https://lab.prod.example.edu/'), (2, 'site_admins', 'a:1:{i:0;s:5:"admin";}'),
      (1, 'forms_license_key', 'of the source'), (1, 'auth_salt', 'of the source'), (1, 'theme', 'new');
    ${tables('wp_bp_groups')}; INSERT INTO wp_bp_groups VALUES (1, 2, 'https://prod.example.edu/groups/1');
    ${tables('wp_bp_activity')}; INSERT INTO wp_bp_activity VALUES (1, 2, 'https://prod.example.edu/');
    ${tables('wp_signups')}; INSERT INTO wp_signups VALUES (1, 2, 'https://prod.example.edu/')`);
  await target.server.query(`USE ${target.database};
    INSERT INTO wp_site VALUES (7, 'old.stg.example.edu', '/');
    UPDATE wp_blogs SET site_id = 7 WHERE blog_id = 6;
    UPDATE wp_blogs SET domain = 'lab.stg.example.edu', path = '/' WHERE blog_id = 4;
    UPDATE wp_sitemeta SET meta_value = 'a:1:{i:0;s:5:"tessa";}' WHERE meta_key = 'site_admins';
    INSERT INTO wp_sitemeta (site_id, meta_key, meta_value) VALUES (7, 'siteurl', 'https://old.stg.example.edu/'),
      (1, 'forms_license_key', 'of the target'), (1, 'theme', 'old'), (1, 'gone_api_key', 'of the target');
    ${tables('wp_bp_groups')}; INSERT INTO wp_bp_groups VALUES (9, 9, 'replaced');
    ${tables('wp_signups')}; INSERT INTO wp_signups VALUES (9, 9, 'stays')`);
}

describe('the network tables of a target that lives', () => {
  let pair: Environments;
  let outcome: Outcome;
  let plan: Plan;
  beforeAll(async () => {
    pair = await createEnvironments({ ...NETWORK, live: LIVE });
    await prepare(pair);
    await pair.configure(config => {
      config.network = { tables: ['bp_groups', 'nothing_*'], mainSiteTables: ['none'] };
    });
    const dry = await pair.run('env-migrate', 'prod', 'stg', '--dry-run', '--json');
    plan = (JSON.parse(dry.stdout) as { plan: Plan }).plan;
    outcome = await pair.run(
      ...['env-migrate', 'prod', 'stg', '--yes', '--network-only', '--target-only-sites', 'archive'],
    );
  });
  afterAll(() => pair[Symbol.asyncDispose]());

  it('lists tables of plugins, and copies those that are named', async () => {
    expect(outcome.exitCode, outcome.stderr).toBe(0);
    const hazards = Map.groupBy(plan.hazards, ({ code }) => code);
    const messages = (code: string): string[] => hazards.get(code)?.map(({ message }) => message) ?? [];
    expect(messages('shared_table')).toEqual([expect.stringContaining('wp_bp_activity')]);
    expect(messages('shared_table')[0]).not.toContain('wp_bp_groups');
    expect(messages('unknown_network_table')).toEqual([
      expect.stringContaining('none'),
      expect.stringContaining('nothing_*'),
    ]);
    const left = Object.fromEntries(plan.tablesNotCarried.map(({ table, reason }) => [table, reason]));
    expect(left.wp_signups).toContain('network.tables');
    expect(left.wp_bp_activity).toContain('network.mainSiteTables');
    expect(await find(pair, 'SELECT id, url FROM $.wp_bp_groups')).toEqual([
      { id: 1, url: 'https://stg.example.edu/groups/1' },
    ]);
    expect(await find(pair, 'SELECT url FROM $.wp_signups')).toEqual([{ url: 'stays' }]);
    expect(await find(pair, "SHOW TABLES FROM $ LIKE 'wp\\_bp\\_activity'")).toEqual([]);
  });

  it('brings every network of the source, and leaves one that only the target has', async () => {
    expect(await find(pair, 'SELECT id, domain FROM $.wp_site ORDER BY id')).toEqual([
      { id: 1, domain: 'stg.example.edu' },
      { id: 2, domain: 'lab.stg.example.edu' },
      { id: 7, domain: 'old.stg.example.edu' },
    ]);
    const urls = await find(
      pair,
      "SELECT site_id, meta_value AS url FROM $.wp_sitemeta WHERE meta_key = 'siteurl' ORDER BY site_id",
    );
    expect(urls).toEqual([
      { site_id: 1, url: 'https://stg.example.edu/' },
      { site_id: 2, url: 'https://lab.stg.example.edu/' },
      { site_id: 7, url: 'https://old.stg.example.edu/' },
    ]);
  });

  it('leaves protected settings as they are at the target, also none', async () => {
    const rows = await find<{ k: string; v: string }>(
      pair,
      'SELECT meta_key AS k, meta_value AS v FROM $.wp_sitemeta WHERE site_id = 1',
    );
    const settings = Object.fromEntries(rows.map(({ k, v }) => [k, v]));
    expect(rows).toHaveLength(Object.keys(settings).length);
    expect(settings).toMatchObject({
      forms_license_key: 'of the target',
      gone_api_key: 'of the target',
      theme: 'new',
      site_admins: 'a:1:{i:0;s:5:"tessa";}',
    });
    expect(settings).not.toHaveProperty('auth_salt');
    // A network that is new there has nothing to protect.
    expect(
      await find(pair, "SELECT 1 FROM $.wp_sitemeta WHERE site_id = 2 AND meta_key = 'site_admins'"),
    ).toHaveLength(1);
  });

  it('archives sites that only the target has', async () => {
    expect(plan.hazards.find(({ code }) => code === 'target_only_site')?.siteIds).toEqual([5, 6]);
    expect(await find(pair, 'SELECT blog_id FROM $.wp_blogs WHERE archived = 1 ORDER BY blog_id')).toEqual([
      { blog_id: 5 },
      { blog_id: 6 },
    ]);
  });

  it('H51 sends no visitor to the source between its own cutover and those of the sites', async () => {
    // The network is new, every site is old: nothing that WordPress decides a redirect by names the source.
    const options = [1, 2, 3, 4, 5, 6].map(
      id => `SELECT option_value AS v FROM $.${id === 1 ? 'wp_' : `wp_${id}_`}options
             WHERE option_name IN ('home', 'siteurl')`,
    );
    const values = await find<{ v: string }>(
      pair,
      [
        'SELECT domain AS v FROM $.wp_blogs',
        'SELECT domain FROM $.wp_site',
        "SELECT meta_value FROM $.wp_sitemeta WHERE meta_key = 'siteurl'",
        ...options,
      ].join(' UNION ALL '),
    );
    expect(values.length).toBeGreaterThan(20);
    expect(values.filter(({ v }) => v.includes('prod.example.edu'))).toEqual([]);
  });
});

describe('a choice of sites', () => {
  it('brings the network of a site that the target lacks, and refuses one whose host no rule covers', async () => {
    await using pair = await createEnvironments({ ...NETWORK, live: LIVE });
    await prepare(pair);
    const chosen = ['env-migrate', 'prod', 'stg', '--yes', '--include-sites', '4'];
    expect((await pair.run(...chosen)).exitCode).toBe(0);
    expect(await find(pair, 'SELECT id FROM $.wp_site ORDER BY id')).toEqual([
      { id: 1 },
      { id: 2 },
      { id: 7 },
    ]);
    expect(await find(pair, 'SELECT blog_id FROM $.wp_blogs WHERE site_id = 2')).toEqual([{ blog_id: 4 }]);
    const admins = "SELECT meta_value AS v FROM $.wp_sitemeta WHERE site_id = 1 AND meta_key = 'theme'";
    expect(await find(pair, admins)).toEqual([{ v: 'old' }]);

    await pair.configure(config => {
      config.environments.prod.hosts = { any: '*.prod.example.edu' };
      config.environments.stg.hosts = { any: '*.stg.example.edu' };
    });
    const refused = await pair.run('env-migrate', 'prod', 'stg', '--yes');
    expect(refused.exitCode).toBe(4);
    expect(refused.stderr).toContain('unmapped_network');
  });
});

describe("a plugin's table by the bare prefix, which no other site has", () => {
  const activity = (pair: Environments): Promise<unknown> => find(pair, 'SELECT url FROM $.wp_bp_activity');
  const LEFT = [{ url: 'stays' }];
  const CARRIED = [{ url: 'https://stg.example.edu/' }];

  it("is left as the target has it; named as site 1's, it comes and goes with site 1", async () => {
    await using pair = await createEnvironments({ ...NETWORK, live: LIVE });
    await prepare(pair);
    await pair.target.server.query(`USE ${pair.target.database};
      CREATE TABLE wp_bp_activity (id INT PRIMARY KEY, url VARCHAR(200)); INSERT INTO wp_bp_activity VALUES (9, 'stays')`);
    await completeMigration(pair);
    expect(await activity(pair)).toEqual(LEFT);
    expect((await pair.run('env-migrate', 'verify', 'prod', 'stg')).exitCode).toBe(0);

    await pair.configure(config => {
      config.network = { mainSiteTables: ['bp_act*'] };
    });
    // Of site 1 alone something is other than it was.
    const chosen = ['--sites-only', '--only-changed'];
    const id = await completeMigration(pair, ...chosen);
    expect(await activity(pair)).toEqual(CARRIED);
    const lines = await readLines(join(pair.cwd, 'logs', id));
    const copied = ofType(lines, 'site.completed').map(line => line.siteId);
    expect(copied).toEqual([1]);
    const swapped = ofType(lines, 'table.copied').map(line => line.copied.table);
    expect(swapped).toEqual(expect.arrayContaining(['wp_posts', 'wp_bp_activity']));
    expect(swapped).not.toContain('wp_bp_groups');
    expect((await pair.run('env-migrate', 'verify', id)).exitCode).toBe(0);

    const undone = await pair.run('env-migrate', 'rollback', id, '--sites', '1', '--yes');
    expect(undone.exitCode, undone.stderr).toBe(0);
    expect(await activity(pair)).toEqual(LEFT);
  });

  it("comes with the network tables, named as the whole network's", async () => {
    await using pair = await createEnvironments({ ...NETWORK, live: LIVE });
    await prepare(pair);
    await pair.configure(config => {
      config.network = { tables: ['bp_activity'] };
    });
    await completeMigration(pair, '--network-only');
    expect(await activity(pair)).toEqual(CARRIED);
  });
});
