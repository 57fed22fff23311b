// `config check` against real servers.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDatabaseName, createUser, type DatabaseUser, useServers } from '../support/servers.ts';
import { type Outcome, wfuwp } from '../support/wfuwp.ts';

const { source, target } = useServers();
const database = createDatabaseName('check');
let cwd: string;

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'wfuwp-check-'));
  for (const server of [source, target]) await server.query(`CREATE DATABASE IF NOT EXISTS ${database}`);
});
afterEach(() => rm(cwd, { recursive: true }));

async function check(
  prod: DatabaseUser,
  stg: DatabaseUser,
  name = database,
): Promise<Outcome & { all: string }> {
  const describeDatabase = (port: number, user: string, variable: string): string =>
    `{ host: 127.0.0.1, port: ${port}, user: ${user}, password: \${${variable}}, name: ${name} }`;
  await writeFile(
    join(cwd, 'wfuwp.config.yaml'),
    `environments:
  prod: { database: ${describeDatabase(source.port, prod.user, 'PROD')} }
  stg: { database: ${describeDatabase(target.port, stg.user, 'STG')} }
`,
  );
  const result = await wfuwp(['config', 'check'], {
    cwd,
    env: { PROD: prod.password, STG: stg.password },
  });
  return { ...result, all: result.stdout + result.stderr };
}

describe('config check', () => {
  it('passes with a reader at the source and an owner at the target', async () => {
    const reader = await createUser(source, `GRANT SELECT ON ${database}.*`);
    const owner = await createUser(target, 'GRANT ALL ON *.*');
    const { exitCode, stdout } = await check(reader, owner);
    expect(stdout).toContain('No problems found.');
    expect(exitCode).toBe(0);
  });

  it('shows what is wrong at both ends at once, without a password', async () => {
    const { user } = await createUser(source, `GRANT SELECT ON ${database}.*`);
    const wrong = { user, password: 'a-wrong-password' };
    const owner = await createUser(target, 'GRANT ALL ON *.*');
    const { exitCode, stdout, all } = await check(wrong, owner, 'no_such_database');
    expect(stdout).toContain('Access denied');
    expect(stdout).toContain('no_such_database');
    expect(stdout).toContain('2 problems found.');
    expect(all).not.toContain('a-wrong-password');
    expect(all).not.toContain(owner.password);
    expect(exitCode).toBe(12);
  });
});
