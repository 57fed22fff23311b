// What stands in a run's directory isn't what was written any more, or is a copy that has fallen behind: nothing finished
// is done again, nothing that is kept is dropped, and what isn't known isn't claimed.

import { existsSync } from 'node:fs';
import { cp, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createEnvironments, type Environments } from '../support/environments.ts';
import { checksumTables } from '../support/generate-network.ts';
import { killAt, listRunIds, lockTable, onlyRunId, readLines, waitForHeldQuery } from '../support/runs.ts';

const SMALL = { sites: 2, scale: 0.02 };
const LIVE = { ...SMALL, seed: 2, domain: 'stg.example.edu', emailDomain: 'prod.example.edu' };
const START = ['env-migrate', 'prod', 'stg', '--yes', '--concurrency', '1'];

let pair: Environments;
let shared: Environments;
let id: string;
let logs: string;
let folder: string;
beforeAll(async () => {
  shared = await createEnvironments({ ...SMALL, live: LIVE });
  pair = shared;
});
afterAll(() => shared[Symbol.asyncDispose]());

const file = (name: string): string => join(folder, `migration-${name}`);

/** All that a mistake could change. */
async function lookAround(): Promise<Record<string, unknown>> {
  const { server, database, staging, previous } = pair.target;
  const tables = await Promise.all(
    [database, staging, previous].map(async name => [...(await checksumTables(server, name))]),
  );
  const files = await Promise.all(
    (await readdir(folder, { recursive: true, withFileTypes: true }))
      .filter(entry => entry.isFile())
      .map(async ({ name, parentPath }) => [name, await readFile(join(parentPath, name), 'utf8')]),
  );
  return { tables, files };
}

async function refuses(command: readonly string[], words: RegExp, logDir = 'logs'): Promise<void> {
  const before = await lookAround();
  const { exitCode, stderr } = await pair.run('env-migrate', ...command, '--yes', '--log-dir', logDir);
  expect(stderr).toMatch(words);
  expect(exitCode, stderr).toBe(10);
  expect(await lookAround()).toEqual(before);
}

async function edit(name: string, change: (text: string) => string): Promise<void> {
  const text = await readFile(file(name), 'utf8');
  const changed = change(text);
  expect(changed).not.toBe(text);
  await writeFile(file(name), changed);
}

async function cutLines(count: number): Promise<void> {
  await edit('journal.jsonl', text => `${text.trimEnd().split('\n').slice(0, -count).join('\n')}\n`);
}

/** Whatever else could tell where the journal stood. */
async function forget(): Promise<void> {
  for (const name of ['state.json', 'summary.json', 'progress.log']) await rm(file(name), { force: true });
}

/** With nothing but the target that could tell. */
const alone = (damage: () => Promise<void>) => async (): Promise<void> => {
  await forget();
  await damage();
};

/** Each test has the run's directory as it was. */
function keepDirectory(): void {
  beforeEach(async () => {
    const kept = join(pair.cwd, 'kept');
    await rm(folder, { recursive: true });
    await cp(kept, folder, { recursive: true });
  });
}

const DAMAGES: [string, () => Promise<void>, RegExp][] = [
  ['the journal is emptied', alone(() => truncate(file('journal.jsonl'), 0)), /has been cut/],
  [
    'the journal is gone, and all that was made from it',
    alone(() => rm(file('journal.jsonl'))),
    /has been cut|journal is missing/,
  ],
  ['the journal is gone', () => rm(file('journal.jsonl')), /journal is missing/],
  ['the journal has lost its last line', alone(() => cutLines(1)), /has been cut/],
  ['the journal has lost its last lines', alone(() => cutLines(12)), /has been cut/],
  ['the journal has lost its last lines, and the state knows', () => cutLines(3), /has lost its end/],
  [
    'the journal has lost a line in its middle',
    () => edit('journal.jsonl', text => text.split('\n').toSpliced(5, 1).join('\n')),
    /is damaged at line 6/,
  ],
  [
    'a line of the journal was edited',
    () => edit('journal.jsonl', text => text.replace('"outcome":"passed"', '"outcome":"warning"')),
    /is damaged at line/,
  ],
  [
    'the journal has lost its hashes',
    async () => {
      await forget();
      await edit('journal.jsonl', text => text.replaceAll(/,"prev":"[^"]+"/g, ''));
    },
    /has lost the hashes/,
  ],
  [
    'a table was renamed in the plan',
    () => edit('plan.json', text => text.replace('"wp_2_posts"', '"wp_2_pots"')),
    /migration-plan\.json was changed/,
  ],
  [
    'the plan has lost its hash',
    () => edit('plan.json', text => text.replace(/,\s*"contentHash": "[^"]+"/, '')),
    /migration-plan\.json was changed/,
  ],
  [
    'the options were edited',
    () => edit('config.json', text => text.replace('"accept": []', '"accept": ["plan_drift"]')),
    /migration-config\.json was changed/,
  ],
  [
    'the state was edited',
    () => edit('state.json', text => text.replace('"status":"completed"', '"status":"pending"')),
    /migration-state\.json was changed/,
  ],
];

describe('a run that has ended', () => {
  beforeAll(async () => {
    const { exitCode, stderr } = await pair.run(...START);
    expect(exitCode, stderr).toBe(0);
    id = await onlyRunId(pair);
    logs = join(pair.cwd, 'logs');
    folder = join(logs, id);
    await cp(folder, join(pair.cwd, 'kept'), { recursive: true });
  });
  keepDirectory();

  it('leaves in the target where its journal ends', async () => {
    const { server, database } = pair.target;
    const rows = await server.query(`SELECT migration_id, seq, directory FROM ${database}.wfuwp_runs`);
    const lines = await readLines(folder);
    expect(rows).toEqual([{ migration_id: id, seq: lines.length, directory: folder }]);
    expect(lines[0]).toMatchObject({
      migrationId: id,
      files: { plan: expect.stringMatching(/^[\w-]{22}$/) },
    });
  });

  it.each(DAMAGES)('%s: rollback and cleanup are refused', async (_, damage, words) => {
    await damage();
    await refuses(['rollback', id], words);
    await refuses(['cleanup', id], words);
  });

  it.each(DAMAGES)('%s: a resume and verify are refused', async (_, damage, words) => {
    await damage();
    await refuses(['--resume', id], words);
    const { exitCode } = await pair.run('env-migrate', 'verify', id);
    expect(exitCode).toBe(10);
  });

  it('its status says what is wrong, and shows what it can', async () => {
    await edit('plan.json', text => text.replace('"wp_2_posts"', '"wp_2_pots"'));
    const { stdout } = await pair.run('env-migrate', 'status', id, '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      status: 'completed',
      damage: ['migration-plan.json was changed after it was written.'],
    });
  });

  it('goes on from wherever it was moved to; its copy, that is behind then, is refused', async () => {
    await cp(folder, join(pair.cwd, 'copies', id), { recursive: true });
    await rename(folder, join(pair.cwd, 'copies', 'moved'));
    await cp(join(pair.cwd, 'copies', 'moved'), folder, { recursive: true });
    await rm(join(pair.cwd, 'copies', 'moved'), { recursive: true });
    const back = await pair.run('env-migrate', 'rollback', id, '--yes', '--log-dir', 'copies');
    expect(back.exitCode, back.stderr).toBe(0);
    for (const command of [
      ['rollback', id],
      ['cleanup', id],
    ]) {
      await refuses(command, /Another copy of the directory of .* has gone on, in .*copies/);
    }
  });
});

describe('a run that was killed', () => {
  beforeAll(async () => {
    await rm(logs, { recursive: true });
    await rm(join(pair.cwd, 'copies'), { recursive: true, force: true });
    id = await killAt(pair, 'before site.completed', 2, ...START);
    folder = join(logs, id);
    await rm(join(pair.cwd, 'kept'), { recursive: true });
    await cp(folder, join(pair.cwd, 'kept'), { recursive: true });
  });
  keepDirectory();

  it.each(DAMAGES.filter(([name]) => !/the state/.test(name) && !name.endsWith('last line')))(
    '%s: a resume is refused',
    async (_, damage, words) => {
      await damage();
      await refuses(['--resume', id], words);
    },
  );

  it('and copied: one of both goes on, the other is refused, also when the first was rolled back', async () => {
    await cp(folder, join(pair.cwd, 'copies', id), { recursive: true });
    const first = await pair.run('env-migrate', '--resume', id, '--yes', '--log-dir', 'copies');
    expect(first.exitCode, first.stderr).toBe(0);
    await refuses(['--resume', id], /Another copy .* has gone on/);
    await refuses(['rollback', id], /Another copy .* has gone on/);
    const back = await pair.run('env-migrate', 'rollback', id, '--yes', '--log-dir', 'copies');
    expect(back.exitCode, back.stderr).toBe(0);
    await refuses(['--resume', id], /Another copy .* has gone on/);
    const { server, database } = pair.target;
    const live = await checksumTables(server, database);
    expect([...live].filter(([name]) => name.startsWith('wp_2_')).length).toBeGreaterThan(0);
    expect(await listRunIds(logs)).toEqual([id]);
  });
});

it('C08b a run that goes on is not taken for a copy that is behind', async () => {
  await using other = await createEnvironments(SMALL);
  const { source } = other;
  await using held = await lockTable(source.server, `${source.database}.wp_3_posts`);
  const running = other.start(...START);
  await waitForHeldQuery(source.server, source.database, 'wp_3_posts');
  const commands = ['rollback', 'cleanup', '--resume'].map(async command =>
    other.run('env-migrate', command, await onlyRunId(other), '--yes'),
  );
  for (const { exitCode, stderr } of await Promise.all(commands)) expect(exitCode, stderr).toBe(11);
  await held[Symbol.asyncDispose]();
  expect((await running).exitCode).toBe(0);
});

describe('a run of a version without hashes', () => {
  /** Takes away from the files, and from the target, what that version has not written. */
  async function makeOld(): Promise<void> {
    await edit('journal.jsonl', text =>
      text.replaceAll(/,"prev":"[^"]+"/g, '').replace(/,"migrationId":"[^"]+","files":\{[^}]+\}/, ''),
    );
    await edit('config.json', text => text.replace(/,\s*"chained": true/, ''));
    // A run that is killed early has no snapshot of its state yet.
    const hasState = existsSync(file('state.json'));
    for (const name of ['plan.json', 'config.json', ...(hasState ? ['state.json'] : [])])
      await edit(name, text =>
        text
          .replace(/,\s*"contentHash":\s*"[^"]+"/, '')
          .replace(/,"lastHash":"[^"]+"/, '')
          .replace(/,"workedMs":[\d.]+/, ''),
      );
    const { server, database } = pair.target;
    await server.query(`DROP TABLE IF EXISTS ${database}.wfuwp_runs`);
  }

  const WARNING = /was begun by an older version/;

  it('is listed, shown, resumed and rolled back, with a warning; from then on the target knows it', async () => {
    await using other = await createEnvironments({ ...SMALL, live: LIVE });
    pair = other;
    const { server, database } = pair.target;
    const before = await checksumTables(server, database);
    id = await killAt(pair, 'before site.completed', 2, ...START);
    logs = join(pair.cwd, 'logs');
    folder = join(logs, id);
    await makeOld();
    const { stdout } = await pair.run('env-migrate', 'status', id, '--json');
    expect(JSON.parse(stdout)).toMatchObject({ status: 'interrupted', damage: [] });
    const listed = await pair.run('env-migrate', '--list-migrations');
    expect(listed.stdout).toContain(id);

    const resumed = await pair.run('env-migrate', '--resume', id, '--yes');
    expect(resumed.exitCode, resumed.stderr).toBe(0);
    expect(resumed.stderr).toMatch(WARNING);
    await cp(folder, join(pair.cwd, 'kept'), { recursive: true });
    await forget();
    await cutLines(3);
    await refuses(['rollback', id], /has been cut/);
    await rm(folder, { recursive: true });
    await cp(join(pair.cwd, 'kept'), folder, { recursive: true });

    const back = await pair.run('env-migrate', 'rollback', id, '--yes');
    expect(back.exitCode, back.stderr).toBe(0);
    expect(back.stderr).toMatch(WARNING);
    expect(await checksumTables(server, database)).toEqual(before);
  });
});
