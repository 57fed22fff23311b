// What must not come to a lower environment, planted in a source: with the policy on, none of it is anywhere on the
// target; and what the policy did is told.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Plan } from '../../src/migration/plan.ts';
import type { Summary } from '../../src/migration/summary.ts';
import { createEnvironments, type Environments } from '../support/environments.ts';
import { checksumTables } from '../support/generate-network.ts';
import { differences, killAt, loadOracle, ofType, onlyRunId, readLines, sinceResume } from '../support/runs.ts';
import type { Outcome } from '../support/wfuwp.ts';

const NETWORK = { sites: 2, scale: 0.03 };
const KEY = 'a key that nobody has guessed yet';
const DUE = 1_795_224_985;
const META_ROWS = 8_000;

/** Of people, keys and sessions of the source; of staff nothing begins like this. */
const PLANTED = /planted|192\.0\.2\.|G-PLNT42PLNT|sk_live/i;
const serialize = (text: string): string => `s:${text.length}:"${text}";`;
const stripe = `a:2:{s:5:"title";s:4:"Card";s:10:"secret_key";${serialize('sk_live_9')}}`;

async function plant({ source }: Environments): Promise<void> {
  const option = (name: string, value: string): string => `('${name}', '${value}')`;
  await source.server.query(`USE ${source.database};
    INSERT INTO wp_2_options (option_name, option_value) VALUES ${[
      option('woocommerce_stripe_settings', stripe),
      option('jetpack_private_options', `a:1:{s:10:"blog_token";${serialize('planted.token')}}`),
      option('wp_mail_smtp', `a:1:{s:4:"host";${serialize('smtp.planted.example.org')}}`),
      option('theme_head', '<script>gtag("config", "G-PLNT42PLNT")</script>'),
      option('_transient_planted', 'x'),
      option('_site_transient_planted', 'https://prod.example.edu/planted'),
      option('new_admin_email', 'planted@people.example.org'),
    ].join(', ')};
    UPDATE wp_2_options SET option_value = 'a:1:{i:${DUE};a:1:{s:3:"pay";a:0:{}}}' WHERE option_name = 'cron';
    INSERT INTO wp_sitemeta (site_id, meta_key, meta_value) VALUES
      (1, '_site_transient_planted', 'x'), (1, 'auth_salt', 'planted'), (1, 'admin_email', 'planted@people.example.org');
    INSERT INTO wp_3_comments (comment_post_ID, comment_author, comment_author_email, comment_author_url,
      comment_author_IP, comment_content, user_id) VALUES
      (1, 'Planted Jane', 'planted@people.example.org', 'https://planted.example.org', '192.0.2.7',
       'Write to planted@people.example.org or see https://prod.example.edu/', 0),
      (1, 'Ann', 'ann@staff.example.org', '', '198.51.100.7', 'mine', 0);
    CREATE TABLE wp_2_gf_entry (id INT PRIMARY KEY, ip VARCHAR(39), source_url VARCHAR(200));
    INSERT INTO wp_2_gf_entry VALUES (1, '192.0.2.7', 'https://prod.example.edu/form');
    CREATE TABLE wp_2_clinic_visits (id INT PRIMARY KEY, patient TEXT, note TEXT, fee DECIMAL(8,2), code CHAR(7),
      token BINARY(4), flags BIT(12), photo BLOB);
    INSERT INTO wp_2_clinic_visits VALUES (1, 'Planted Jane', 'x', 12.5, 'planted', 'pqrs', b'101010101010', 'planted'),
      (3, NULL, '', NULL, NULL, NULL, NULL, NULL), (2, 'planted@people.example.org', NULL, -1, '', 'pqr', 1, 'x');
    CREATE TABLE wp_2_actionscheduler_logs (id BIGINT AUTO_INCREMENT PRIMARY KEY, message TEXT);
    INSERT INTO wp_2_actionscheduler_logs (message) VALUES ('planted'), ('https://prod.example.edu/planted');
    CREATE TABLE wp_2_actionscheduler_actions (action_id INT PRIMARY KEY, hook VARCHAR(99), status VARCHAR(20),
      scheduled_date_gmt DATETIME, scheduled_date_local DATETIME(3));
    INSERT INTO wp_users (user_login, user_email) VALUES ('ann', 'Ann@staff.example.org'), ('zoe', 'zoe@my.staff.example.org');
    INSERT INTO wp_2_actionscheduler_actions VALUES (1, 'renew', 'pending', NOW(), NOW()), (2, 'planted', 'complete', NOW(), NOW());
    CREATE TABLE wp_2_woocommerce_sessions (session_id INT PRIMARY KEY, session_value TEXT);
    INSERT INTO wp_2_woocommerce_sessions VALUES (1, 'planted');
    INSERT INTO wp_3_postmeta (post_id, meta_key, meta_value)
      SELECT seq, ELT(seq % 3 + 1, '_billing_email', '_edit_lock', 'story'),
        ELT(seq % 3 + 1, 'planted@people.example.org', '1', CONCAT('https://prod.example.edu/', REPEAT('x', 200)))
      FROM seq_1_to_${META_ROWS};
    ANALYZE TABLE wp_3_postmeta`);
}

async function switchOn(pair: Environments, over: object = {}): Promise<void> {
  pair.env.PSEUDONYM_KEY = KEY;
  await pair.configure(config => {
    delete config.tables;
    config.environments.stg.safety = {
      policy: 'lower',
      key: `\${PSEUDONYM_KEY}`,
      staff: ['@staff.example.org'],
      anonymise: [
        'clinic_visits.patient',
        'clinic_visits.fee',
        'clinic_visits.code',
        'clinic_visits.token',
        'clinic_visits.flags',
        'clinic_visits.photo',
      ],
      ...over,
    };
  });
}

/** Every value of the network's tables on the target, live and in staging, that must not be there. */
async function findPlanted({ target }: Environments): Promise<string[]> {
  const { server, database, staging } = target;
  const tables = await server.query<{ name: string; db: string }>(
    `SELECT TABLE_NAME AS name, TABLE_SCHEMA AS db FROM information_schema.TABLES WHERE TABLE_SCHEMA IN (?)
     AND TABLE_NAME LIKE 'wp\\_%'`,
    [[database, staging]],
  );
  expect(tables.length).toBeGreaterThan(30);
  const found: string[] = [];
  for (const { db, name } of tables) {
    const rows = await server.query<Record<string, unknown>>(`SELECT * FROM \`${db}\`.\`${name}\``);
    for (const row of rows) {
      const [column] = Object.entries(row).find(([, value]) => PLANTED.test(String(value))) ?? [];
      if (column !== undefined) found.push(`${name}.${column}: ${String(row[column])}`);
    }
  }
  return found;
}

const runDirectory = async (pair: Environments, id?: string): Promise<string> =>
  join(pair.cwd, 'logs', id ?? (await onlyRunId(pair)));

async function readJson<T>(pair: Environments, file: string, id?: string): Promise<T> {
  return JSON.parse(await readFile(join(await runDirectory(pair, id), file), 'utf8')) as T;
}

const idIn = ({ stdout }: Outcome): string => /env-migrate-\d{4}[-\w]+/.exec(stdout)?.[0] ?? '';

describe('H52-H60 a target with a safety policy', () => {
  let pair: Environments;
  let outcome: Outcome;
  beforeAll(async () => {
    pair = await createEnvironments(NETWORK);
    await plant(pair);
    await switchOn(pair);
    outcome = await pair.run('env-migrate', 'prod', 'stg', '--yes', '--chunk-bytes', '200000');
  });
  afterAll(() => pair[Symbol.asyncDispose]());

  it('has nothing that was planted in any table, and the rest as ever', async () => {
    expect(outcome.exitCode, outcome.stderr).toBe(0);
    expect(await findPlanted(pair)).toEqual([]);
    const { server, database } = pair.target;
    const rows = (sql: string) => server.query<Record<string, unknown>>(sql.replaceAll('%', database));
    expect(
      await rows(
        "SELECT option_value AS v FROM %.wp_2_options WHERE option_name = 'woocommerce_stripe_settings'",
      ),
    ).toEqual([{ v: stripe.replace(serialize('sk_live_9'), 's:0:"";') }]);
    const due = DUE + 36_525 * 86_400;
    expect(await rows("SELECT option_value AS v FROM %.wp_2_options WHERE option_name = 'cron'")).toEqual([
      { v: `a:1:{i:${due};a:1:{s:3:"pay";a:0:{}}}` },
    ]);
    expect(
      await rows("SELECT option_value AS v FROM %.wp_2_options WHERE option_name = 'blog_public'"),
    ).toEqual([{ v: '0' }]);
    expect(
      await rows('SELECT hook, status, YEAR(scheduled_date_gmt) AS y FROM %.wp_2_actionscheduler_actions'),
    ).toEqual([{ hook: 'renew', status: 'pending', y: expect.anything() }]);
    expect(
      await rows('SELECT comment_author AS who FROM %.wp_3_comments WHERE comment_content = "mine"'),
    ).toEqual([{ who: 'Ann' }]);
    const [comment] = await rows(
      "SELECT comment_author_email AS mail, comment_content AS text FROM %.wp_3_comments WHERE LEFT(comment_content, 8) = 'Write to'",
    );
    expect(comment!.text).toBe(`Write to ${String(comment!.mail)} or see https://stg.example.edu/`);
    const [patient] = await rows(
      'SELECT patient, fee, code, HEX(token) AS token, flags + 0 AS flags, photo FROM %.wp_2_clinic_visits WHERE id = 2',
    );
    expect(patient).toMatchObject({ patient: comment!.mail, fee: '0.00', code: '', token: '00000000' });
    expect([Number(patient!.flags), String(patient!.photo)]).toEqual([0, '']);
    expect(await rows('SELECT * FROM %.wp_2_gf_entry')).toEqual([
      { id: expect.anything(), ip: '0.0.0.0', source_url: 'https://stg.example.edu/form' },
    ]);
  });

  it('says what each rule did, in the plan, at the end and in the summary', async () => {
    const plan = await readJson<Plan>(pair, 'migration-plan.json');
    expect(plan.hazards.map(hazard => hazard.code)).not.toContain('no_safety_policy');
    expect(JSON.stringify(plan)).not.toContain(KEY);
    const [ann] = await pair.source.server.query<{ ID: unknown }>(
      `SELECT ID FROM ${pair.source.database}.wp_users WHERE user_login = 'ann'`,
    );
    expect(plan.treatment?.safety?.staffIds).toEqual([String(ann!.ID)]);
    expect(outcome.stdout).toContain('wordpress/wfuwp-stop-mail.php');
    const { treatment } = await readJson<Summary>(pair, 'migration-summary.json');
    const done = (rule: string, table: string) =>
      treatment.treated.find(entry => entry.rule === rule && entry.table === table);
    expect(done('skip_rows', 'postmeta')?.rows).toBeGreaterThanOrEqual(Math.floor(META_ROWS / 3));
    expect(done('skip_rows', 'sitemeta')).toMatchObject({ rows: 1 });
    expect(done('anonymise_people', 'postmeta')).toMatchObject({
      values: Math.floor(META_ROWS / 3),
      sites: 1,
    });
    expect(done('anonymise_people', 'clinic_visits')).toMatchObject({ values: 11 });
    expect(done('block_search_engines', 'options')).toMatchObject({ values: 3, sites: 3 });
    expect(done('block_search_engines', 'blogs')).toMatchObject({ values: 3 });
    expect(done('hold_cron', 'actionscheduler_actions')).toMatchObject({ values: 1 });
    expect(treatment.treated.map(entry => entry.rule)).toEqual(
      expect.arrayContaining(['blank_keys', 'stop_mail', 'remove_analytics', 'hold_cron']),
    );
    expect(treatment.emptied.map(entry => [entry.rule, entry.table]).sort()).toEqual([
      ['skip_data', 'actionscheduler_logs'],
      ['skip_data', 'woocommerce_sessions'],
    ]);
    expect(outcome.stdout).toMatch(/anonymise_people +[\d,]+ values changed +\S*.*clinic_visits/);
  });

  it('knows with --only-changed that nothing has changed, and what it does not carry may change', async () => {
    const { source } = pair;
    await source.server.query(
      `INSERT INTO ${source.database}.wp_2_actionscheduler_logs (message) VALUES ('planted again')`,
    );
    const again = await pair.run('env-migrate', 'prod', 'stg', '--yes', '--only-changed');
    expect(again.exitCode, again.stderr).toBe(0);
    const summary = await readJson<Summary>(pair, 'migration-summary.json', idIn(again));
    expect([...summary.unchanged].sort()).toEqual([1, 2, 3]);
  });

  it('gets each site again when a rule has changed, as the rule then is', async () => {
    await switchOn(pair, { rules: { block_search_engines: false }, staff: [] });
    const again = await pair.run('env-migrate', 'prod', 'stg', '--yes', '--only-changed', '--sites-only');
    const lines = await readLines(await runDirectory(pair, idIn(again)));
    const changes = ofType(lines, 'step.completed').filter(line => line.step === 'find_changes');
    expect(changes.map(line => line.data?.changed)).toEqual(
      Array.from({ length: 3 }, () => 'what decides a copy changed: treatment'),
    );
    expect(await findPlanted(pair)).toEqual([]);
    const { server, database } = pair.target;
    const [mine] = await server.query<{ who: string }>(
      `SELECT comment_author AS who FROM ${database}.wp_3_comments WHERE comment_content = 'mine'`,
    );
    expect(mine!.who).toMatch(/^Person /);
    const [open] = await server.query<{ v: string }>(
      `SELECT option_value AS v FROM ${database}.wp_2_options WHERE option_name = 'blog_public'`,
    );
    expect(open).toEqual({ v: '1' });
  });
});

it('a run that is killed in a big table goes on with the rules of its plan, and refuses others', async () => {
  await using pair = await createEnvironments(NETWORK);
  await plant(pair);
  await switchOn(pair);
  const flags = ['--chunk-bytes', '200000', '--concurrency', '1'];
  const id = await killAt(pair, 'after chunk.copied', 3, 'env-migrate', 'prod', 'stg', '--yes', ...flags);
  const before = ofType(await readLines(await runDirectory(pair)), 'chunk.copied');
  await switchOn(pair, { rules: { anonymise_people: false } });
  const refused = await pair.run('env-migrate', '--resume', id, '--yes');
  expect(refused.exitCode).toBe(4);
  expect(refused.stderr).toContain('or is made safe on the way, has changed in the configuration');
  await switchOn(pair);
  const { exitCode, stderr } = await pair.run('env-migrate', '--resume', id, '--yes');
  expect(exitCode, stderr).toBe(0);
  expect(await findPlanted(pair)).toEqual([]);
  const lines = await readLines(await runDirectory(pair));
  expect(before.length).toBeGreaterThan(0);
  expect(ofType(lines, 'chunk.discarded')).toEqual([]);
  const after = ofType(sinceResume(lines), 'chunk.copied');
  expect(after.map(line => line.chunk.from)).not.toContain(before[0]!.chunk.from);
  const copied = ofType(lines, 'table.copied').find(line => line.copied.table === 'wp_3_postmeta')!.copied;
  const left = copied.treated?.find(count => count.rule === 'skip_rows')?.rows ?? 0;
  expect(copied.sourceRows).toBe(copied.rows + left);
  expect(copied.treated).toContainEqual({
    rule: 'anonymise_people',
    rows: 0,
    values: Math.floor(META_ROWS / 3),
  });
});

it('a column that can not be anonymised is found before anything is written; a name that means nothing is told', async () => {
  await using pair = await createEnvironments({
    ...NETWORK,
    live: { ...NETWORK, domain: 'stg.example.edu', seed: 2 },
  });
  const { source, target } = pair;
  await source.server.query(`USE ${source.database};
    CREATE TABLE wp_2_visits (id INT PRIMARY KEY, who VARCHAR(99), seen DATETIME, doubled VARCHAR(99) AS (who));
    CREATE TABLE wp_3_visits (id INT PRIMARY KEY, seen TEXT)`);
  const before = await checksumTables(target.server, target.database);
  await switchOn(pair, { anonymise: ['visits.seen', 'visits.who', 'visits.doubled', 'visit.name'] });
  await pair.configure(config => {
    config.tables = { skipData: ['visit_logs'], skipRows: ['visits.state=old'] };
    config.rewrite = { skipColumns: ['2_visits.who'], base64Columns: ['visits.w*'] };
  });
  const refused = await pair.run('env-migrate', 'prod', 'stg', '--yes');
  expect(refused.exitCode, refused.stdout).toBe(4);
  expect(refused.stderr).toContain('anonymise_refused: ');
  for (const words of [
    'wp_2_visits.seen is of type datetime',
    'wp_2_visits has no column for visits.doubled',
    'wp_3_visits has no column for visits.who',
  ])
    expect(refused.stderr.replaceAll(/\s+/g, ' ')).toContain(words);
  expect(await checksumTables(target.server, target.database)).toEqual(before);

  const flags = ['--accept', 'anonymise_refused', '--json'];
  const outcome = await pair.run('env-migrate', 'prod', 'stg', '--yes', ...flags);
  expect(outcome.exitCode, outcome.stderr).toBe(0);
  const { sites, warnings } = JSON.parse(outcome.stdout) as Summary;
  expect(sites).toMatchObject({ total: 1, completed: 1 });
  const told = warnings.filter(({ code }) => code === 'pattern_unmatched').map(({ message }) => message);
  expect(told.sort()).toEqual([
    "environments.stg.safety.anonymise names what the source doesn't have: visit.name.",
    "rewrite.skipColumns names what the source doesn't have: 2_visits.who.",
    "tables.skipData names what the source doesn't have: visit_logs.",
    "tables.skipRows names what the source doesn't have: visits.state.",
  ]);
});

it('H52 without a policy only the default lists hold, and the plan warns', async () => {
  await using pair = await createEnvironments(NETWORK);
  await pair.configure(config => {
    delete config.tables;
  });
  const { exitCode, stdout, stderr } = await pair.run('env-migrate', 'prod', 'stg', '--yes');
  expect(exitCode, stderr).toBe(0);
  expect(stdout).toContain('[no_safety_policy]');
  const { source, target } = pair;
  const different = await differences(pair, await loadOracle(target.server, NETWORK));
  expect(different.filter(table => !/^wp_(\d+_)?(options|postmeta)$/.test(table))).toEqual([]);
  for (const prefix of ['wp_', 'wp_2_', 'wp_3_']) {
    const names = async (database: string, server = target.server): Promise<unknown[]> =>
      server.query(
        `SELECT option_id, option_name FROM ${database}.${prefix}options WHERE option_name NOT LIKE '\\_transient%' ORDER BY 1`,
      );
    expect(await names(target.database)).toEqual(await names(source.database, source.server));
    const left = await target.server.query(
      `SELECT 1 FROM ${target.database}.${prefix}options WHERE option_name LIKE '\\_transient%'`,
    );
    expect(left).toEqual([]);
    const permalinks = await target.server.query(
      `SELECT option_value AS v FROM ${target.database}.${prefix}options WHERE option_name = 'rewrite_rules'`,
    );
    expect(permalinks).toEqual([{ v: '' }]);
  }
});
