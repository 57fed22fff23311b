// What a migration could not rewrite, or was told not to: told at its end, in the summary's file, and by `status`.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEnvironments, type Environments } from '../support/environments.ts';
import type { Outcome } from '../support/wfuwp.ts';

const URL = 'https://site0002.prod.example.edu/';
/** Fits before, but not with the longer host. */
const LONG = URL + 'x'.repeat(191 - URL.length);

describe('values that were not rewritten', () => {
  let pair: Environments;
  let outcome: Outcome;
  let id: string;
  beforeAll(async () => {
    pair = await createEnvironments({ sites: 2, scale: 0.01 });
    await pair.configure(config => {
      config.rewrite = { skipColumns: ['links_log.note'] };
      Object.assign(config.environments.stg.hosts, {
        main: 'staging.example.edu',
        any: '*.staging.example.edu',
      });
    });
    const { server, database } = pair.source;
    await server.query(`USE ${database};
      CREATE TABLE wp_2_links_log (post_id INT, lang CHAR(2), url VARCHAR(191), note TEXT, raw BLOB, hash BINARY(4),
        PRIMARY KEY (post_id, lang)) CHARACTER SET utf8mb4;
      INSERT INTO wp_2_links_log SELECT seq, 'de', '${LONG}', NULL, NULL, NULL FROM seq_1_to_25;
      INSERT INTO wp_2_links_log VALUES (30, 'en', '${URL}', '${URL}', '${URL}', 'abcd');
      CREATE TABLE wp_3_keyless (meta TEXT) CHARACTER SET utf8mb4;
      INSERT INTO wp_3_keyless VALUES ('${URL}'), ('s:99:"${URL}";')`);
    outcome = await pair.run('env-migrate', 'prod', 'stg', '--yes');
    id = /env-migrate-\d{4}[-\w]+/.exec(outcome.stdout)?.[0] ?? '';
  });
  afterAll(() => pair[Symbol.asyncDispose]());

  it('are in the text at the end: why, how many, where, what to do', () => {
    expect(outcome).toMatchObject({ exitCode: 0, stderr: expect.any(String) });
    const lines = outcome.stdout.split('\n');
    for (const line of [
      'Not rewritten:',
      '      links_log.url: 25 values, site 2, e.g. post_id=1, lang=de of wp_2_links_log',
      '      links_log.raw: 1 value, site 2, e.g. post_id=30, lang=en of wp_2_links_log',
      '      links_log.note: 1 value, site 2, e.g. post_id=30, lang=en of wp_2_links_log',
      '      keyless.meta: 1 value, site 3, e.g. row 2 (no primary key) of wp_3_keyless',
      '  Which rows, one site at a time:',
    ])
      expect(lines).toContain(line);
    expect(outcome.stdout).toMatch(
      /! 25 values: the new text does not fit the column[^!]+→ Widen the column/,
    );
    expect(outcome.stdout).toMatch(/Rewritten [\d,]+ values, \d+ could not be, \d+ left on purpose/);
  });

  it('are in the summary', async () => {
    const file = join(pair.cwd, 'logs', id, 'migration-summary.json');
    const { rewritten } = JSON.parse(await readFile(file, 'utf8'));
    expect(rewritten.left).toContainEqual({
      ...{ table: 'links_log', column: 'url', reason: 'too_long', values: 25, siteIds: [2] },
      examples: Array.from({ length: 10 }, (_, i) => ({
        siteId: 2,
        table: 'wp_2_links_log',
        key: `post_id=${i + 1}, lang=de`,
      })),
    });
    expect(rewritten.untouched).toContainEqual({ table: 'links_log', column: 'hash', reason: 'binary' });
  });

  it('are in the status of a site, with the keys', async () => {
    const { stdout } = await pair.run('env-migrate', 'status', id, '--site', '2');
    expect(stdout.replaceAll(/\s+/g, ' ')).toMatch(
      /wp_2_links_log\.url: 25 values, post_id=1, lang=de; .* post_id=10, lang=de; and 15 more/,
    );
    expect(stdout).toContain('  wp_2_links_log.hash (binary)');
    const { site } = JSON.parse(
      (await pair.run('env-migrate', 'status', id, '--site', '3', '--json')).stdout,
    );
    expect(site.left).toContainEqual({
      ...{ table: 'wp_3_keyless', column: 'meta', reason: 'broken_serialized', values: 1 },
      keys: ['row 2 (no primary key)'],
    });
  });

  it('are as they were at the source', async () => {
    const { server, database } = pair.target;
    const [row] = await server.query(
      `SELECT url, note, raw FROM ${database}.wp_2_links_log WHERE post_id = 30`,
    );
    expect(row).toEqual({ url: URL.replace('prod', 'staging'), note: URL, raw: Buffer.from(URL) });
    const [long] = await server.query(`SELECT url FROM ${database}.wp_2_links_log WHERE post_id = 1`);
    expect(long).toEqual({ url: LONG });
  });
});
