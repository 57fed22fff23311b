// The surface of the command line, through the real binary.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the references of the configuration file look like that.
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listExitCodes } from '../../src/cli/exit-code-help.ts';
import { EXIT_CODES, type ExitName } from '../../src/errors.ts';
import { ACCEPT_CODES } from '../../src/migration/accept-codes.ts';
import { mountTmpfs, whyNoTmpfs } from '../support/tmpfs.ts';
import { type Outcome, PROGRAM, wfuwp } from '../support/wfuwp.ts';

const whyNot = await whyNoTmpfs();

/** Where no file is needed; these tests run at the same time. */
function runAnywhere(args: string): Promise<Outcome> {
  return wfuwp(args.split(' '), { cwd: tmpdir() });
}

describe.concurrent('--help', () => {
  it.each([
    ['config check --help', ['ok', 'bug', 'usage', 'partial', 'refused', 'configuration']],
    ['env-migrate status --help', ['ok', 'bug', 'usage', 'notFound']],
    ['help env-migrate', Object.keys(EXIT_CODES) as ExitName[]],
  ] as const satisfies [string, readonly ExitName[]][])(
    'wfuwp %s shows examples and ends in the exit codes that it may end with',
    async (args, exitCodes) => {
      const { exitCode, stdout } = await runAnywhere(args);
      expect(exitCode).toBe(0);
      expect(stdout).toMatch(/^EXAMPLES$/m);
      expect(stdout).toMatch(/^ {4}\$ wfuwp /m);
      const table = stdout.slice(stdout.indexOf('\nEXIT CODES\n')).replace(/\s+/g, ' ');
      for (const [code, meaning] of listExitCodes(exitCodes)) expect(table).toContain(`${code} ${meaning}`);
      for (const [code, meaning] of listExitCodes().filter(([code]) => !isAmong(code, exitCodes)))
        expect(table).not.toContain(`${code} ${meaning}`);
    },
  );

  it('has a page for all exit codes, one for all codes of --accept, and says where no page is', async () => {
    const codes = (await runAnywhere('help exit-codes')).stdout.replace(/\s+/g, ' ');
    for (const [code, meaning] of listExitCodes()) expect(codes).toContain(`${code} ${meaning}`);
    const accept = await runAnywhere('help accept');
    for (const code of Object.keys(ACCEPT_CODES)) expect(accept.stdout).toContain(`${code} `);
    expect(accept.exitCode).toBe(0);
    for (const args of ['help nosuch', 'migrate --help'])
      expect(await runAnywhere(args)).toMatchObject({
        exitCode: 2,
        stderr: expect.stringMatching(/^Error: "\w+" is not a wfuwp command\.\nAll commands: wfuwp --help$/),
      });
  });

  it('lists the commands, and among them shell completion', async () => {
    const { stdout } = await runAnywhere('--help');
    for (const name of ['config', 'env-migrate', 'autocomplete']) {
      expect(stdout).toMatch(new RegExp(`^ {2}${name} `, 'm'));
    }
    expect(stdout).toContain('wfuwp help exit-codes');
  });
});

function isAmong(code: string, names: readonly ExitName[]): boolean {
  return listExitCodes(names).some(([known]) => known === code);
}

describe.concurrent('a wrong command line', () => {
  it.each([
    ['config chekc', 'Did you mean "wfuwp config check"?'],
    ['env-migrat prod stg', 'Did you mean "wfuwp env-migrate"?'],
    ['zzzzzz', '"zzzzzz" is not a wfuwp command.'],
    ['config check --ofline', 'Unknown flag --ofline. Did you mean --offline?'],
  ])('wfuwp %s: exit 2 without a question, with a guess', async (args, expected) => {
    const { exitCode, stdout, stderr } = await runAnywhere(args);
    expect(stderr).toContain(expected);
    expect(stderr).not.toContain('    at ');
    expect(stdout).toBe('');
    expect(exitCode).toBe(2);
  });

  it.each(['zzzzzz --json', 'config check --ofline --json'])('wfuwp %s: one object', async args => {
    const { exitCode, stdout, stderr } = await runAnywhere(args);
    expect(JSON.parse(stdout)).toEqual({
      error: { code: 'usage', message: expect.any(String), hint: expect.any(String), exitCode: 2 },
    });
    expect(stderr).toBe('');
    expect(exitCode).toBe(2);
  });
});

let cwd: string;

async function enterFolder(): Promise<void> {
  cwd = await mkdtemp(join(tmpdir(), 'wfuwp-cli-'));
}

function leaveFolder(): Promise<void> {
  return rm(cwd, { recursive: true });
}

function run(args: string, env: Record<string, string> = {}): Promise<Outcome> {
  return wfuwp(args.split(' '), { cwd, env });
}

describe('a configuration with errors', () => {
  beforeEach(enterFolder);
  afterEach(leaveFolder);

  it('that is not there: exit 12, the places, the next command', async () => {
    const { exitCode, stderr } = await run('config check --offline');
    expect(stderr).toContain(join(cwd, 'wfuwp.config.yaml'));
    expect(stderr).toContain('wfuwp config init');
    expect(exitCode).toBe(12);
  });

  const BAD = `environments:
  prod:
    database: { host: db1, user: wp, password: \${PROD_DB_PASSWORD}, nmae: wp_prod }
    tablePrefx: wp_
`;
  const PLACES = [
    '3:5  environments.prod.database.name: is missing',
    '3:48  environments.prod.database.password: the environment variable PROD_DB_PASSWORD is not set',
    '3:69  environments.prod.database.nmae: unknown key; did you mean "name"?',
    '4:5  environments.prod.tablePrefx: unknown key; did you mean "tablePrefix"?',
  ];

  it('shows all of them at once, with line numbers', async () => {
    await writeFile(join(cwd, 'wfuwp.config.yaml'), BAD);
    const { exitCode, stderr } = await run('config check --offline');
    for (const place of PLACES) expect(stderr).toContain(`wfuwp.config.yaml:${place}`);
    expect(exitCode).toBe(12);
  });

  it('is one object with --json', async () => {
    await writeFile(join(cwd, 'wfuwp.config.yaml'), BAD);
    const { exitCode, stdout, stderr } = await run('config check --json');
    const { error } = JSON.parse(stdout);
    expect(error).toMatchObject({ code: 'config_invalid', exitCode: 12 });
    expect(error.details.problems).toHaveLength(PLACES.length);
    expect(error.details.problems[0]).toMatchObject({
      line: 3,
      column: 5,
      path: 'environments.prod.database.name',
    });
    expect(stderr).toBe('');
    expect(exitCode).toBe(12);
  });

  it('is the same for a migration', async () => {
    await writeFile(join(cwd, 'wfuwp.config.yaml'), BAD);
    const { exitCode, stderr } = await run('env-migrate prod stg --dry-run');
    expect(stderr).toContain(PLACES[3]);
    expect(exitCode).toBe(12);
  });

  it('in its YAML: the line', async () => {
    await writeFile(join(cwd, 'wfuwp.config.yaml'), 'environments:\n  prod:\n\tdatabase: {}\n');
    const { exitCode, stderr } = await run('config check --offline');
    expect(stderr).toContain('wfuwp.config.yaml:3:1  a tab as indentation; use spaces');
    expect(exitCode).toBe(12);
  });
});

describe.concurrent('config explain', () => {
  it('lists every setting, and explains one', async () => {
    expect((await runAnywhere('config explain')).stdout).toMatch(/^environments\.NAME\.tablePrefix +text$/m);
    const { exitCode, stdout } = await runAnywhere('config explain environments.prod.database.port');
    expect(stdout).toBe(
      'environments.NAME.database.port\n  TCP port of the server.\n  type     number\n  default  3306\n  example  port: 3306',
    );
    expect(exitCode).toBe(0);
  });

  it('guesses a misspelled one, and speaks JSON', async () => {
    const { exitCode, stderr } = await runAnywhere('config explain tabelPrefix');
    expect(stderr).toContain('There is no setting "tabelPrefix". Did you mean "tablePrefix"?');
    expect(exitCode).toBe(2);
    const { stdout } = await runAnywhere('config explain probes.timeoutMs --json');
    expect(JSON.parse(stdout)).toEqual({
      settings: [
        {
          ...{ key: 'probes.timeoutMs', type: 'number', unit: 'milliseconds', default: 15_000 },
          ...{ description: 'For one page.', isRequired: false, example: 'timeoutMs: 15000' },
        },
      ],
    });
  });
});

describe('config init, then config check', () => {
  beforeEach(enterFolder);
  afterEach(leaveFolder);

  const env = {
    PROD_DB_PASSWORD: 'prod-password',
    STG_DB_PASSWORD: 'stg-password',
    WFUWP_PSEUDONYM_KEY: 'long enough for a key',
  };

  it('make a file that passes', async () => {
    const init = await run('config init');
    expect(init.exitCode).toBe(0);
    expect(init.stdout).toContain('export PROD_DB_PASSWORD, STG_DB_PASSWORD and WFUWP_PSEUDONYM_KEY');
    const check = await run('config check --offline', env);
    expect(check.stdout).toContain('No problems found.');
    expect(check.exitCode).toBe(0);
  });

  it('never overwrite without --force', async () => {
    const file = join(cwd, 'wfuwp.config.yaml');
    await writeFile(file, 'mine');
    const refused = await run('config init --yes');
    expect(refused.stderr).toContain('--force');
    expect(refused.exitCode).toBe(2);
    expect(await readFile(file, 'utf8')).toBe('mine');
    expect((await run('config init --yes --force')).exitCode).toBe(0);
    expect(await readFile(file, 'utf8')).toContain('environments:');
  });

  it('take what a wp-config.php says, but its password', async () => {
    await writeFile(
      join(cwd, 'wp-config.php'),
      "<?php define('DB_NAME', 'wp_live'); define('DB_USER', 'wp'); define('DB_HOST', getenv('H')); " +
        "define('DB_PASSWORD', 'correct-horse'); $table_prefix = 'x_'; define('DOMAIN_CURRENT_SITE', 'a.edu');",
    );
    const init = await run('config init --yes --from-wp-config live=wp-config.php');
    expect(init.stderr).toContain(
      `live is read from ${join(cwd, 'wp-config.php')}; DB_HOST is no literal there.`,
    );
    expect(init.stdout).toContain('export LIVE_DB_HOST, LIVE_DB_PASSWORD, STG_DB_PASSWORD');
    expect(await readFile(join(cwd, 'wfuwp.config.yaml'), 'utf8')).not.toContain('correct-horse');
    const known = { ...env, LIVE_DB_HOST: 'db1', LIVE_DB_PASSWORD: 'x' };
    const check = await run('config check --offline', known);
    expect(check.stdout).toContain('wp@db1:3306/wp_live');
    expect(check.exitCode).toBe(0);
  });

  it.each([
    ['nowhere/deep/x.yaml', 'There is no folder', 'mkdir -p'],
    ['wp-config.php/x.yaml', 'a part of its path is no folder', '--config FILE'],
    ['/sys/x.yaml', '/sys/x.yaml failed: ', '--config FILE'],
  ])('say in one sentence why %s can not be written', async (path, why, hint) => {
    await writeFile(join(cwd, 'wp-config.php'), '');
    const { exitCode, stderr } = await run(`config init --config ${path}`);
    expect(stderr).toContain(why);
    expect(stderr).toContain(hint);
    expect(stderr).not.toContain('    at ');
    expect(exitCode).toBe(2);
  });

  it.skipIf(whyNot)(`keep what was there when the disk is full${whyNot}`, async () => {
    await using disk = await mountTmpfs(join(cwd, 'disk'), '64k');
    const file = join(disk.path, 'wfuwp.config.yaml');
    await writeFile(file, 'mine');
    await disk.fill();
    const { exitCode, stderr } = await run(`config init --force --config ${file}`);
    expect(stderr).toContain(`Writing ${file} failed: the disk is full, or the quota is used up (ENOSPC).`);
    expect(stderr).toContain('Free space there');
    expect(exitCode).toBe(20);
    expect(await readFile(file, 'utf8')).toBe('mine');
    expect((await readdir(disk.path)).sort()).toEqual(['ballast', 'wfuwp.config.yaml']);
  });

  it('warn, once, of a password in a file that others may read', async () => {
    const database = '{ host: 127.0.0.1, port: 1, user: wp, password: correct-horse-1, name: a }';
    await writeFile(join(cwd, 'wfuwp.config.yaml'), `environments: { a: { database: ${database} } }`);
    const warning = 'secrets as they are: environments.a.database.password. ';
    const check = await run('config check --offline');
    expect(check.stdout).toContain('! Others on this machine may read wfuwp.config.yaml');
    const unlock = await run('env-migrate unlock a');
    expect(unlock.stderr.split(warning)).toHaveLength(2);
    expect(unlock.stderr).toContain('chmod 600 wfuwp.config.yaml');
    expect(check.stdout + unlock.stderr).not.toContain('correct-horse');
  });

  it('speak JSON', async () => {
    const init = await run('config init --json');
    expect(JSON.parse(init.stdout)).toMatchObject({ environments: ['prod', 'stg'] });
    const check = await run('config check stg --offline --json', env);
    expect(JSON.parse(check.stdout)).toMatchObject({ environments: [{ name: 'stg' }], problems: 0 });
  });

  it('know the names of the environments', async () => {
    await run('config init');
    const { exitCode, stderr } = await run('config check stgg --offline', env);
    expect(stderr).toContain('There is no environment "stgg"');
    expect(stderr).toContain('Did you mean "stg"?');
    expect(stderr).toContain('Known environments: prod, stg.');
    expect(exitCode).toBe(12);
  });

  it('tell of every server that cannot be reached, without a password', async () => {
    const database = 'host: 127.0.0.1, port: 1, user: wp, password: "${PROD_DB_PASSWORD}"';
    await writeFile(
      join(cwd, 'wfuwp.config.yaml'),
      `environments:\n  a: { database: { ${database}, name: a } }\n  b: { database: { ${database}, name: b } }\n`,
    );
    const { exitCode, stdout, stderr } = await run('config check --json', env);
    const { environments, problems } = JSON.parse(stdout);
    expect(problems).toBe(2);
    for (const { findings } of environments)
      expect(findings).toMatchObject([{ code: 'connection', outcome: 'failed' }]);
    expect(stdout + stderr).not.toContain('prod-password');
    expect(exitCode).toBe(12);
  });
});

describe('the wizard, at a terminal', () => {
  beforeEach(enterFolder);
  afterEach(leaveFolder);

  /** Types the keys of each step once its question is on the screen, through util-linux' script, which has a terminal to
   *  give. A question is drawn anew with each key, and with its answer. */
  async function typeInto(
    command: string,
    steps: readonly (readonly [question: string, keys: string])[],
  ): Promise<{ exitCode: number; screen: string }> {
    const terminal = execa('script', ['-qefc', `${process.execPath} ${PROGRAM} ${command}`, '/dev/null'], {
      cwd,
      env: { NO_COLOR: '1', TERM: 'xterm' },
      reject: false,
      timeout: 30_000,
    });
    const left = [...steps];
    let screen = '';
    let seen = 0;
    terminal.stdout.on('data', (text: Buffer) => {
      screen += text;
      const [question, keys] = left[0] ?? [];
      if (question === undefined || !screen.slice(seen).includes(question)) return;
      left.shift();
      seen = screen.length;
      terminal.stdin.write(keys!);
    });
    const { exitCode } = await terminal;
    expect(left, screen).toEqual([]);
    return { exitCode: exitCode ?? -1, screen };
  }

  const next = (question: string) => [question, '\r'] as const;

  it('says what it will ask, and writes what was answered', async () => {
    const { exitCode, screen } = await typeInto(
      'config init',
      [
        ...['copy from', 'prod: database host', 'prod: database port', 'prod: database user'],
        ...['prod: database name', 'prod: main host', 'Is prod production?'],
        ...['copy to', 'stg: database host', 'stg: database port', 'stg: database user'],
        ...['stg: database name', 'stg: main host', 'Is stg production?', 'in stg harmless', 'of users'],
      ].map(next),
    );
    expect(exitCode).toBe(0);
    expect(screen).toContain('You are asked for the name, database and main host of each environment');
    expect(screen).toContain('Is prod production?');
    const written = await readFile(join(cwd, 'wfuwp.config.yaml'), 'utf8');
    expect(written).toContain('main: stg.example.edu');
    expect(written).toContain('protected: true # migrating INTO it needs --confirm prod');
    expect(written).toContain('\n      policy: lower\n');
    expect(written).toContain('\n  users: keep #');
  });

  it('takes a port with the host, refuses what is none, and forgets a line on Ctrl-U', async () => {
    const { exitCode, screen } = await typeInto('config init', [
      ['copy from', 'live\r'],
      ['live: database host', 'not a host!\r'],
      ['That is no server', '\x15[::1]:3307\r'],
      ['live: database user', 'u\x15wp\r'],
      ['live: database name', '\r'],
      ['live: main host', 'a.edu\r'],
      ['Is live production?', 'n'],
      ['in live harmless', 'n'],
      ...['copy to', 'stg: database host', 'stg: database port', 'stg: database user'].map(next),
      ...['stg: database name', 'stg: main host', 'Is stg production?', 'in stg harmless'].map(next),
      ['of users', '\x1b[B\x1b[B\r'],
    ]);
    expect(screen).toContain('That is no server: write its name or address');
    expect(exitCode).toBe(0);
    const written = await readFile(join(cwd, 'wfuwp.config.yaml'), 'utf8');
    expect(written).toContain(
      'host: "::1" # or socketPath: /run/mysqld/mysqld.sock\n      port: 3307\n      user: wp #',
    );
    expect(written).toContain('main: a.edu');
    expect(written).toContain('  live:\n');
    expect(written).toContain('protected: false # true: migrating into it needs --confirm live');
    expect(written).toContain('\n  users: merge #');
  });

  it.each([
    ['Ctrl-C', '\x03'],
    ['Ctrl-D', '\x04'],
  ])('ends with exit 130 on %s and writes nothing', async (_, key) => {
    const { exitCode, screen } = await typeInto('config init', [
      ['copy from', '\r'],
      ['prod: database host', key],
    ]);
    expect(screen).toContain('Interrupted at a question; nothing was done.');
    expect(exitCode).toBe(130);
    await expect(readFile(join(cwd, 'wfuwp.config.yaml'))).rejects.toThrow('ENOENT');
  });
});

describe('bin/run.js in a checkout that is not set up', () => {
  beforeEach(enterFolder);
  afterEach(leaveFolder);

  // On any Node: that it is too old is something that bin/setup mends as well.
  it.each(['>=22.13.0', '>=99.1.0'])('says so in one line (%s)', async node => {
    await mkdir(join(cwd, 'bin'));
    for (const name of ['run.js', 'setup']) await cp(join(PROGRAM, '..', name), join(cwd, 'bin', name));
    await writeFile(join(cwd, 'package.json'), JSON.stringify({ type: 'module', engines: { node } }));
    const { exitCode, stdout, stderr } = await execa(process.execPath, ['bin/run.js', '--help'], {
      cwd,
      reject: false,
    });
    expect(stderr).toBe('This checkout is not set up yet: run bin/setup');
    expect(stdout).toBe('');
    expect(exitCode).toBe(2);
  });
});

describe('bin/run.js on a node that is too old', () => {
  beforeEach(async () => {
    await enterFolder();
    await mkdir(join(cwd, 'bin'));
    await cp(PROGRAM, join(cwd, 'bin/run.js'));
    await writeFile(join(cwd, 'package.json'), '{ "type": "module", "engines": { "node": ">=99.1.0" } }');
  });
  afterEach(leaveFolder);

  const runOld = (...args: string[]) =>
    execa(process.execPath, [join(cwd, 'bin/run.js'), ...args], { reject: false });

  async function installRuntime(script: string): Promise<void> {
    await mkdir(join(cwd, '.runtime/bin'), { recursive: true });
    await writeFile(join(cwd, '.runtime/bin/node'), `#!/bin/sh\n${script}\n`);
    await chmod(join(cwd, '.runtime/bin/node'), 0o755);
  }

  it('says in one line which Node it needs', async () => {
    const { exitCode, stderr } = await runOld('--help');
    expect(stderr).toMatch(/^wfuwp needs Node 99\.1\.0 or newer; this is \S+\.$/);
    expect(exitCode).toBe(2);
  });

  it('runs itself with the node of .runtime/, and passes arguments and exit code on', async () => {
    await installRuntime('shift; echo "$@"; exit 20');
    const { exitCode, stdout } = await runOld('env-migrate', 'a b');
    expect(stdout).toBe('env-migrate a b');
    expect(exitCode).toBe(20);
  });

  it('passes signals on', async () => {
    await installRuntime('trap "echo drained; exit 130" INT\necho up\nwhile :; do sleep 0.05; done');
    const running = runOld();
    running.stdout.once('data', () => running.kill('SIGINT'));
    const { exitCode, stdout } = await running;
    expect(stdout).toBe('up\ndrained');
    expect(exitCode).toBe(130);
  });

  it('dies as the child does', async () => {
    await installRuntime('kill -9 $$');
    expect((await runOld()).exitCode).toBe(137);
  });
});
