// What version 0.1.0 left behind: a run's directory without hashes, and tables of which the target has no record but
// their names. It can be listed, shown, taken back and cleaned up by the rules of that version, and says so.

import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { createEnvironments, type Environments } from '../support/environments.ts';
import { checksumTables, loadNetwork } from '../support/generate-network.ts';

const STORED = fileURLToPath(new URL('../cases/runs/0.1.0/', import.meta.url));
/** The run that is stored there, and what it called the databases. */
const ID = 'env-migrate-2026-12-01T00-04-11-1b8b82';
const SOURCE = 'prod_638454e2';
const TARGET = 'stg_41030098';

const SMALL = { sites: 1, scale: 0.002 };
const AT_TARGET = { ...SMALL, domain: 'stg.example.edu', emailDomain: 'prod.example.edu' };

interface Leftovers extends AsyncDisposable {
  readonly pair: Environments;
  /** What was live before that run. */
  readonly before: ReadonlyMap<string, string>;
}

/** As that run left it: its sites are live, and what was live before is kept. */
async function createLeftovers(): Promise<Leftovers> {
  const pair = await createEnvironments({ ...SMALL, live: AT_TARGET });
  const { server, database, staging, previous } = pair.target;
  await loadNetwork(server, previous, { ...AT_TARGET, seed: 2 });
  await server.query(`DROP TABLE ${previous}.wp_users, ${previous}.wp_usermeta; CREATE DATABASE ${staging}`);
  const read = async (file: string): Promise<string> =>
    (await readFile(join(STORED, file), 'utf8'))
      .replaceAll(SOURCE, pair.source.database)
      .replaceAll(TARGET, database);
  const before = await checksumTables(server, previous);
  await server.load(database, Readable.from([await read('target.sql')]));
  const folder = join(pair.cwd, 'logs', ID);
  await mkdir(folder, { recursive: true });
  for (const name of (await readdir(STORED)).filter(file => file !== 'target.sql'))
    await writeFile(join(folder, name), await read(name));
  return { pair, before, [Symbol.asyncDispose]: () => pair[Symbol.asyncDispose]() };
}

/** All but the users, who stay. */
async function live({ target }: Environments): Promise<Map<string, string>> {
  const tables = await checksumTables(target.server, target.database);
  return new Map([...tables].filter(([name]) => !name.startsWith('wp_user')));
}

it('is shown and taken back: what was live before is live again', async () => {
  await using left = await createLeftovers();
  const { pair, before } = left;
  const shown = await pair.run('env-migrate', 'status', ID);
  expect(shown.stdout, shown.stderr).toContain('completed');
  expect((await pair.run('env-migrate', 'log', ID)).exitCode).toBe(0);

  const back = await pair.run('env-migrate', 'rollback', ID, '--yes');
  expect(back.exitCode, back.stderr).toBe(0);
  expect(back.stderr).toContain('was begun by an older version: nothing proves');
  expect(await live(pair)).toEqual(before);
  expect(await checksumTables(pair.target.server, pair.target.previous)).toEqual(new Map());
});

it('is migrated over with a warning, and is not taken back afterwards', async () => {
  await using left = await createLeftovers();
  const { pair } = left;
  const again = await pair.run('env-migrate', 'prod', 'stg', '--yes');
  expect(again.exitCode, again.stderr).toBe(0);
  expect(again.stderr).toContain('old_records: WARNING. What runs of version 0.1.0 keep');
  const now = await live(pair);
  const back = await pair.run('env-migrate', 'rollback', ID, '--yes');
  expect(back.exitCode, back.stdout).toBe(4);
  expect(back.stderr).toMatch(/site 2: a later run, \S+, has migrated it again/);
  expect(await live(pair)).toEqual(now);
});

it('is cleaned up: the kept tables are gone, the live ones are not', async () => {
  await using left = await createLeftovers();
  const { pair } = left;
  const now = await live(pair);
  const { exitCode, stdout, stderr } = await pair.run('env-migrate', 'cleanup', ID, '--yes');
  expect(exitCode, stdout + stderr).toBe(0);
  expect(await checksumTables(pair.target.server, pair.target.previous)).toEqual(new Map());
  expect(await live(pair)).toEqual(now);
});

it('is listed when it was broken off, and resumed: all is migrated', async () => {
  await using left = await createLeftovers();
  const { pair } = left;
  const file = (name: string): string => join(pair.cwd, 'logs', ID, `migration-${name}`);
  const lines = (await readFile(file('journal.jsonl'), 'utf8')).split('\n');
  // Both sites are live by now, and the line that says so of site 2 is still to come.
  const last = lines.findIndex(line => line.includes('"step.completed","siteId":2,"step":"cut_over"'));
  expect(last).toBeGreaterThan(0);
  await writeFile(file('journal.jsonl'), `${lines.slice(0, last).join('\n')}\n`);
  for (const name of ['state.json', 'summary.json']) await rm(file(name));

  const listed = await pair.run('env-migrate', '--list-migrations');
  expect(listed.stdout, listed.stderr).toContain(ID);
  const now = await live(pair);
  const resumed = await pair.run('env-migrate', '--resume', ID, '--yes');
  expect(resumed.exitCode, resumed.stdout + resumed.stderr).toBe(0);
  expect(await live(pair)).toEqual(now);
});
