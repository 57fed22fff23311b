// `config check` against real servers.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createEnvironments } from '../support/environments.ts';
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
  args: readonly string[] = ['check'],
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
  const result = await wfuwp(['config', ...args], {
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

  it('A3 names the rights that lack, by database, though a target could be half written', async () => {
    const reader = await createUser(source, `GRANT SELECT ON ${database}.*`);
    const half = await createUser(target, `GRANT SELECT, INSERT, CREATE, DROP ON ${database}.*`);
    const { exitCode, stdout } = await check(reader, half);
    expect(stdout).toContain(`As a target its user lacks UPDATE, ALTER on ${database}; `);
    expect(stdout).toContain(`on ${database}_previous.`);
    expect(stdout).toContain('wfuwp config grants SOURCE stg');
    expect(exitCode).toBe(0);
  });

  it('A3 checks two as a pair: what a run would be refused for is found', async () => {
    await using pair = await createEnvironments({ sites: 2, scale: 0.02 });
    await pair.configure(config => {
      config.environments.stg.database.previous = `${pair.target.database}_elsewhere`;
    });
    const found = await pair.run('config', 'check', 'prod', 'stg');
    expect(found.stdout).toMatch(/prod → stg\n.*checks of a migration passed; these did not\./);
    expect(found.stdout).toMatch(/lacks SELECT, INSERT, CREATE, DROP, ALTER on .*_elsewhere/);
    expect(found.exitCode).toBe(12);
    const refused = await pair.run('env-migrate', 'prod', 'stg', '--dry-run');
    expect(refused.exitCode).toBe(4);
    for (const line of refused.stdout.matchAll(/✖ (?!This run )(.{10,50})/g))
      expect(found.stdout).toContain(line[1]);
  });

  it('B5 gives no hint of a run that goes on, where there is none', async () => {
    const reader = await createUser(source, `GRANT SELECT ON ${database}.*`);
    const { stdout } = await check({ ...reader, password: 'a-wrong-password' }, reader);
    expect(stdout).not.toContain('--resume');
    expect(stdout).toContain('Check user and password of the environment.');
  });
});

describe('config grants', () => {
  it('prints what, pasted, makes the pair fit', async () => {
    await using pair = await createEnvironments({
      sites: 2,
      scale: 0.02,
      targetGrants: ['GRANT SELECT ON %.*'],
    });
    const { stdout, exitCode } = await pair.run('config', 'grants', 'prod', 'stg');
    expect(exitCode).toBe(0);
    const [ofSource = '', ofTarget = ''] = stdout.split('\n\n');
    for (const [server, text] of [
      [pair.source.server, ofSource],
      [pair.target.server, ofTarget],
    ] as const)
      for (const line of text.split('\n').filter(one => one.startsWith('GRANT '))) await server.query(line);
    const checked = await pair.run('config', 'check', 'prod', 'stg');
    expect(checked.stdout).not.toMatch(/unseen|may not see|lacks|doesn't see/);
    const ran = await pair.run('env-migrate', 'prod', 'stg', '--yes');
    expect(ran.exitCode, ran.stderr).toBe(0);
  });

  it('advises nothing for a protected target, before it was confirmed', async () => {
    await using pair = await createEnvironments({ sites: 1, scale: 0.02 });
    await pair.configure(config => {
      config.environments.prod.protected = true;
    });
    for (const args of [
      ['config', 'grants', 'stg', 'prod'],
      ['env-migrate', 'stg', 'prod', '--dry-run'],
      ['config', 'check', 'stg', 'prod'],
    ]) {
      const { stdout, stderr } = await pair.run(...args);
      expect(`${stdout}${stderr}`).not.toMatch(/GRANT [A-Z]/);
      expect(`${stdout}${stderr}`).toContain('protected');
    }
    const confirmed = await pair.run('config', 'grants', 'stg', 'prod', '--confirm', 'prod', '--offline');
    expect(confirmed.stdout).toMatch(
      /GRANT SELECT, INSERT, UPDATE, CREATE, DROP, ALTER ON `.*`\.\* TO '.*'@'%';/,
    );
  });

  it('A1 a run against the direction of earlier ones stops before anything is asked of the servers', async () => {
    await using pair = await createEnvironments({ sites: 1, scale: 0.02 });
    expect((await pair.run('env-migrate', 'prod', 'stg', '--yes')).exitCode).toBe(0);
    const { exitCode, stderr } = await pair.run('env-migrate', 'stg', 'prod', '--yes');
    expect(exitCode).toBe(4);
    expect(stderr).toContain('"prod" would be replaced, and so far it was only copied from: 1 run');
    expect(stderr).toContain('Did you mean: wfuwp env-migrate prod stg?');
    expect(stderr).not.toContain('GRANT');
  });
});
