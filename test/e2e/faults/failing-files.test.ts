// Every file that the program writes, and every way in which a disk refuses: what comes of it is one sentence with its
// cause and the right exit code, and the run goes on once the disk is well.

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createEnvironments, type Environments } from '../../support/environments.ts';
import { differences, listRunIds, loadOracle } from '../../support/runs.ts';
import { type Outcome, PROGRAM } from '../../support/wfuwp.ts';

const PRELOAD = pathToFileURL(join(import.meta.dirname, '../../support/failing-files.mjs')).href;
const NETWORK = { sites: 2, scale: 0.02 };

const CAUSES = {
  ENOSPC: 'the disk is full, or the quota is used up (ENOSPC)',
  EACCES: 'this user has no right to (EACCES)',
  EROFS: 'the file system can only be read (EROFS)',
  EIO: 'the disk has failed (EIO)',
} as const;

/** By file, the exit codes of a full or broken disk, and of missing rights. */
const FILES: readonly [name: string, path: string, ofDisk: number, ofRights: number][] = [
  ['the folder of the runs', 'logs$', 20, 2],
  ['a run directory', 'env-migrate-[^/]*$', 20, 2],
  ['the lock', 'lock', 20, 2],
  ['the plan', 'migration-plan', 20, 2],
  ['the options', 'migration-config', 20, 2],
  ['the journal', 'migration-journal', 20, 2],
  ['the state', 'migration-state', 0, 0],
  ['the progress log', 'progress\\.log', 0, 2],
  ['the summary', 'migration-summary', 3, 3],
];

let pair: Environments;
let oracle: ReadonlyMap<string, string>;
beforeAll(async () => {
  pair = await createEnvironments(NETWORK);
  oracle = await loadOracle(pair.target.server, NETWORK);
});
afterAll(() => pair[Symbol.asyncDispose]());

/** Runs the program with a disk that refuses. */
async function runFailing(
  path: string,
  code: string,
  ...args: string[]
): Promise<Outcome & { text: string }> {
  Object.assign(pair.env, { NODE_OPTIONS: `--import=${PRELOAD}`, FAIL_PATH: path, FAIL_CODE: code });
  const outcome = await pair.run(...args).finally(() => {
    for (const name of ['NODE_OPTIONS', 'FAIL_PATH', 'FAIL_CODE']) delete pair.env[name];
  });
  return { ...outcome, text: `${outcome.stdout}\n${outcome.stderr}` };
}

const CASES = FILES.flatMap(([name, path, ofDisk, ofRights]) =>
  (Object.keys(CAUSES) as (keyof typeof CAUSES)[]).map(code => {
    const exit = code === 'EACCES' || code === 'EROFS' ? ofRights : ofDisk;
    return [name, code, path, exit] as const;
  }),
);

test.each(CASES)('%s meets %s', async (name, code, path, exit) => {
  const logs = join(pair.cwd, `${name}-${code}`, 'logs');
  const args = ['--log-dir', logs, '--yes'];
  const { exitCode, text } = await runFailing(path, code, 'env-migrate', 'prod', 'stg', ...args);
  expect(exitCode, text).toBe(exit);
  expect(text).toContain(CAUSES[code]);
  expect(text).not.toMatch(/\n {4}at |bug in wfuwp/);

  const [id] = await listRunIds(logs).catch(() => []);
  if (id === undefined || code !== 'ENOSPC' || exit === 0) return;
  const resumed = await pair.run('env-migrate', '--resume', id, ...args);
  // Where not even the plan came to be, nothing was begun.
  expect([0, 10], resumed.stderr).toContain(resumed.exitCode);
  if (resumed.exitCode === 0) expect(await differences(pair, oracle)).toEqual([]);
});

async function runInShell(line: string): Promise<Outcome> {
  const program = `"${process.execPath}" "${PROGRAM}"`;
  const { exitCode, stdout, stderr } = await execa('bash', ['-c', line.replace('wfuwp', program)], {
    cwd: pair.cwd,
    env: { NO_COLOR: '1', ...pair.env },
    reject: false,
  });
  return { exitCode, stdout, stderr };
}

test.each([
  'wfuwp --help',
  'wfuwp --version',
  'wfuwp env-migrate prod stg --dry-run',
  'wfuwp env-migrate prod stg --dry-run --json',
  'wfuwp env-migrate prod stg --yes --include-sites 2',
])('%s into a full disk says so, and what it has done is done', async line => {
  const { exitCode, stderr } = await runInShell(`${line} > /dev/full`);
  expect(exitCode, stderr).toBe(3);
  expect(stderr).toContain(`Not all of the output could be written: ${CAUSES.ENOSPC}.`);
  expect(stderr).not.toMatch(/\n {4}at /);
});

test('a reader who has gone, and a log on stderr that takes nothing, change nothing', async () => {
  const gone = await runInShell('set -o pipefail; wfuwp env-migrate prod stg --dry-run | head -1');
  expect(gone).toMatchObject({ exitCode: 0, stdout: 'Plan: prod → stg' });
  const full = await runInShell('wfuwp env-migrate prod stg --yes --include-sites 2 2> /dev/full');
  expect(full.exitCode).toBe(0);
});

test('too few open files: said so, with what to do', async () => {
  const { exitCode, stdout, stderr } = await runInShell(
    'ulimit -n 27; wfuwp env-migrate prod stg --yes --include-sites 2',
  );
  expect([4, 10, 20]).toContain(exitCode);
  expect(`${stdout}${stderr}`).toMatch(/too many files are open \(EMFILE\)|Too many files are open here/);
  expect(`${stdout}${stderr}`).not.toMatch(/\n {4}at |bug in wfuwp/);
});

test('a file that no part of the program explains is explained in general', async () => {
  const { exitCode, text } = await runFailing(
    'wfuwp\\.config',
    'EACCES',
    'config',
    'init',
    '--yes',
    '--force',
  );
  expect(exitCode, text).toBe(2);
  expect(text).toContain('this user has no right to (EACCES)');
  expect(text).not.toMatch(/\n {4}at |bug in wfuwp/);
});
