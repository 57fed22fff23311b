// Secrets that are fetched from elsewhere, by the real program from real programs and files.
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createDatabaseName, createUser, type DatabaseUser, useServers } from '../support/servers.ts';
import { type Outcome, wfuwp } from '../support/wfuwp.ts';

const { source } = useServers();
const database = createDatabaseName('secrets');
let cwd: string;
let user: DatabaseUser;

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'wfuwp-secrets-'));
  await source.query(`CREATE DATABASE IF NOT EXISTS ${database}`);
  user = await createUser(source, 'GRANT ALL ON *.*');
  await writeFile(join(cwd, 'manager.sh'), `#!/bin/sh\necho asked >> ${cwd}/asked\ncat ${cwd}/pw\n`);
  await chmod(join(cwd, 'manager.sh'), 0o700);
  await writeFile(join(cwd, 'pw'), `${user.password}\n`, { mode: 0o600 });
  const { port } = source;
  await writeFile(
    join(cwd, 'my.cnf'),
    `[clientprod]\nuser=${user.user}\npassword="${user.password}"\nhost=127.0.0.1\nport=${port}\n`,
    { mode: 0o600 },
  );
  const written = (password: string): string =>
    `{ host: 127.0.0.1, port: ${port}, user: ${user.user}, name: ${database}, password: ${password} }`;
  await writeFile(
    join(cwd, 'wfuwp.config.yaml'),
    `environments:
  file: { database: ${written('{ file: pw }')} }
  command: { database: ${written('{ command: [./manager.sh] }')} }
  again: { database: ${written('{ command: [./manager.sh] }')} }
  fails: { database: ${written('{ command: [sh, -c, "echo correct-horse; echo locked >&2; exit 3"] }')} }
  cnf: { database: { name: ${database}, myCnf: { file: my.cnf, group: clientprod } } }
`,
  );
});
afterEach(() => rm(cwd, { recursive: true }));

const run = (...args: string[]): Promise<Outcome> => wfuwp(args, { cwd });

it('from a file, a command and an option file; a command once for all that use it', async () => {
  const { exitCode, stdout } = await run('config', 'check', 'file', 'command', 'again', 'cnf');
  expect(stdout).toContain(`${user.user}@127.0.0.1:${source.port}/${database}`);
  expect(stdout.split('Connected; the server runs')).toHaveLength(5);
  expect(exitCode).toBe(stdout.includes('✖') ? 12 : 0);
  expect(await readFile(join(cwd, 'asked'), 'utf8')).toBe('asked\n');
});

it('that can not be had: the exit code and what was said, and no command of another environment is run', async () => {
  const { exitCode, stdout, stderr } = await run('config', 'check', 'fails');
  expect(stdout).toContain(
    'environments.fails.database.password can\'t be had from "sh": it ended with exit code 3; it said: locked.',
  );
  expect(stdout + stderr).not.toContain('correct-horse');
  expect(exitCode).toBe(12);
  await expect(readFile(join(cwd, 'asked'))).rejects.toThrow('ENOENT');
});
