// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the references of the configuration file look like that.
import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { COMMAND_NAMES } from '../../../src/config/environment-name.ts';
import { loadConfig } from '../../../src/config/load-config.ts';
import type { Problem } from '../../../src/config/problem.ts';
import type { Config } from '../../../src/config/schema.ts';
import { MigrationError } from '../../../src/errors.ts';
import { maskSecrets } from '../../../src/lib/mask-secrets.ts';

let cwd: string;

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'wfuwp-config-'));
});
afterEach(() => rm(cwd, { recursive: true }));

async function load(text: string, env: NodeJS.ProcessEnv = {}, name = 'wfuwp.config.yaml'): Promise<Config> {
  await writeFile(join(cwd, name), text);
  return loadConfig({ cwd, env });
}

async function loadError(loading: Promise<unknown>): Promise<MigrationError> {
  const error = await loading.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(MigrationError);
  return error as MigrationError;
}

/** `line:column setting: message` of every problem. */
async function listProblems(text: string, env: NodeJS.ProcessEnv = {}): Promise<string[]> {
  const { details } = await loadError(load(text, env));
  return (details.problems as Problem[]).map(
    ({ line, column, path, message }) => `${line}:${column} ${path === '' ? '' : `${path}: `}${message}`,
  );
}

const SPEC_EXAMPLE = `environments:
  prod:
    database: { host: db1, port: 3306, user: wp, password: \${PROD_DB_PASSWORD}, name: wp_prod }   # or socketPath; tls
    tablePrefix: wp_
    hosts: { main: www.example.edu, any: "*.example.edu", cdn: cdn.example.edu }
  stg:
    database: { host: db2, user: wp, password: \${STG_DB_PASSWORD}, name: wp_stg, staging: wp_new, previous: wp_old }
    hosts: { main: stg.example.edu, any: "*.stg.example.edu", cdn: cdn.stg.example.edu }
    protected: true
`;
const PASSWORDS = { PROD_DB_PASSWORD: 'prod: "#{pw}', STG_DB_PASSWORD: '12345' };

/** A sound environment to break in one place: `environments.a` stands on line 1. */
function withEnvironment(body: string): string {
  return `environments: { a: { database: { host: h, user: u, name: n } } }\n${body}`;
}

describe('a sound file', () => {
  it('is read with all defaults', async () => {
    const config = await load(SPEC_EXAMPLE, PASSWORDS);
    const { prod, stg } = config.environments;
    expect(prod).toMatchObject({
      name: 'prod',
      tablePrefix: 'wp_',
      protected: false,
      database: { port: 3306, staging: 'wp_prod_incoming', previous: 'wp_prod_previous', tls: false },
    });
    expect(stg).toMatchObject({ protected: true, database: { staging: 'wp_new', previous: 'wp_old' } });
    expect(config.rewrite).toEqual({ pairs: [], emails: 'leave', skipColumns: [], base64Columns: [] });
    expect(config.network).toMatchObject({ users: 'keep', userColumns: [], tables: [] });
    expect(config.network.protectedMeta).toEqual(expect.arrayContaining(['site_admins', 'admin_user_id']));
    expect(config.tables.skipData).toContain('actionscheduler_logs');
    expect(config.tables.skipRows).toContain('options.option_name=_transient_*');
    expect(config.tables.refreshPermalinks).toBe(true);
    expect(config.file).toBe(join(cwd, 'wfuwp.config.yaml'));
  });

  it('keeps passwords whole, and to itself', async () => {
    const config = await load(SPEC_EXAMPLE, PASSWORDS);
    expect(config.environments.prod!.database.password.reveal()).toBe('prod: "#{pw}');
    expect(config.environments.stg!.database.password.reveal()).toBe('12345');
    expect(JSON.stringify(config)).not.toContain('12345');
    expect(maskSecrets('denied for 12345')).toBe('denied for ***');
  });

  it('is quoted in no message, however YAML takes a password that has no quotes', async () => {
    const spellings = [
      '*%',
      '|%',
      '>%',
      '!% x',
      '&% {',
      '@%',
      '`%',
      '%%',
      '{%',
      '[%',
      '{ %: 1 }',
      '"%',
      "'%",
      '"\\%"',
    ];
    for (const spelling of [
      ...spellings,
      '%: x',
      '- %',
      '? %',
      '${%',
      '${%}',
      '"${%}"',
      '"% ${%"',
      '% # x: *%',
      '\t%',
    ]) {
      const password = spelling.replaceAll('%', 'hunter-2-secret');
      const text = `environments:\n  a:\n    database:\n      host: h\n      user: u\n      password: ${password}\n`;
      const { message, details } = await loadError(load(`${text}      name: n\n      typo: x\n`));
      expect(message + JSON.stringify(details), spelling).not.toContain('hunter');
    }
  });

  it('may be JSON', async () => {
    const text = JSON.stringify(
      { environments: { a: { database: { socketPath: '/s', user: 'u', password: '${PW}', name: 'n' } } } },
      null,
      '\t',
    );
    const config = await load(text, { PW: 'from the environment' }, 'wfuwp.config.json');
    expect(config.environments.a!.database.password.reveal()).toBe('from the environment');
  });

  it('may have limits for an environment, also by reference', async () => {
    const limits = '{ concurrency: 8, threadsRunning: "${BUSY}", replicaLagSeconds: 30 }';
    const text = `environments: { a: { database: { host: h, user: u, name: n }, limits: ${limits} } }`;
    const { environments } = await load(text, { BUSY: '50' });
    expect(environments.a?.limits).toEqual({ concurrency: 8, threadsRunning: 50, replicaLagSeconds: 30 });
    const wrong = text.replace('concurrency: 8', 'concurrency: 65').replace('replicaLag', 'replicationLag');
    expect(await listProblems(wrong, { BUSY: 'no' })).toEqual([
      expect.stringContaining('limits.concurrency: must be a whole number, 1 to 64'),
      expect.stringContaining('limits.threadsRunning: must be a whole number'),
      expect.stringContaining('did you mean "replicaLagSeconds"'),
    ]);
  });

  it('may share settings by an anchor', async () => {
    const config = await load(
      `environments:
  a: { database: { host: h, user: u, name: n, password: &pw \${PW} } }
  b: { database: { host: h, user: u, name: m, password: *pw } }
`,
      { PW: 'shared secret' },
    );
    expect(config.environments.b!.database.password.reveal()).toBe('shared secret');
  });
});

describe('references', () => {
  const loadUser = async (user: string, env: NodeJS.ProcessEnv = {}): Promise<string> => {
    const config = await load(`environments: { a: { database: { host: h, user: ${user}, name: n } } }`, env);
    return config.environments.a!.database.user;
  };

  it.each([
    ['${U}', { U: 'wp' }, 'wp'],
    ['x-${U}-${V}', { U: '1', V: '2' }, 'x-1-2'],
    ['"${U}"', { U: 'a\nb: c' }, 'a\nb: c'],
    ['${U}', { U: '${V}' }, '${V}'],
    ['$${U}', {}, '${U}'],
    ['"$${"', {}, '${'],
    ['$U', {}, '$U'],
  ])('%s', async (written, env, expected) => {
    expect(await loadUser(written, env)).toBe(expected);
  });

  it('may be a port', async () => {
    const text = 'environments: { a: { database: { host: h, port: ${P}, user: u, name: n } } }';
    expect((await load(text, { P: '3307' })).environments.a!.database.port).toBe(3307);
    expect(await listProblems(text, { P: 'x' })).toEqual([
      '1:43 environments.a.database.port: must be a port, 1 to 65535',
    ]);
  });

  it('are not looked for in comments', async () => {
    await expect(load(withEnvironment('# ${NOBODY_SET_THIS}'))).resolves.toBeDefined();
  });
});

describe('names of environments', () => {
  it.each(COMMAND_NAMES)('"%s" is none, as it is a command of env-migrate', async name => {
    const text = `environments: { ${name}: { database: { host: h, user: u, name: n } } }`;
    expect(await listProblems(text)).toEqual([
      `1:17 environments.${name}: is a command of env-migrate; give the environment another name`,
    ]);
  });

  it('none is that of any command there is', async () => {
    const folder = new URL('../../../src/commands/env-migrate/', import.meta.url);
    const commands = (await readdir(folder)).map(file => file.replace(/\.ts$/, ''));
    expect(COMMAND_NAMES).toEqual(expect.arrayContaining(commands.filter(name => name !== 'index')));
  });
});

describe('problems', () => {
  it('are all told at once, each with its place and what to write', async () => {
    const text = `environments:
  prod:
    database: { host: db1, usr: wp, password: \${PROD_DB_PASSWORD}, name: 2024 }
    tablePrefx: wp_
    hosts: { main: https://www.example.edu/x, "1x": cdn.example.edu }
    safety: { maxLoad: 1 }
  stg:
    database: { host: db2, port: 99999, user: "\${STG USER}", password: 12345, name: "" }
    protected: perhaps
rewrite: { emails: nope, pairs: [{ from: "", to: 1 }], skipColumns: [post_content] }
retries: 3
`;
    expect(await listProblems(text)).toMatchInlineSnapshot(`
      [
        "3:5 environments.prod.database.user: is missing; it must be text",
        "3:28 environments.prod.database.usr: unknown key; did you mean "user"?",
        "3:47 environments.prod.database.password: the environment variable PROD_DB_PASSWORD is not set; export PROD_DB_PASSWORD=…",
        "3:68 environments.prod.database.name: must be text; put it in quotes",
        "4:5 environments.prod.tablePrefx: unknown key; did you mean "tablePrefix"?",
        "5:14 environments.prod.hosts.main: must be a host, not a URL; write "www.example.edu"",
        "5:47 environments.prod.hosts.1x: is not a role name (a letter, then letters, digits, "-", "_")",
        "6:15 environments.prod.safety.maxLoad: unknown key; known here: policy, rules, staff, anonymise, key",
        "8:28 environments.stg.database.port: must be a port, 1 to 65535",
        "8:47 environments.stg.database.user: \${STG USER} is not a reference: between the braces only the name of an environment variable may stand",
        "8:62 environments.stg.database.password: must be text; put it in quotes",
        "8:79 environments.stg.database.name: must not be empty",
        "9:5 environments.stg.protected: must be true or false",
        "10:12 rewrite.emails: must be one of "leave", "rewrite"",
        "10:36 rewrite.pairs[0].from: must not be empty",
        "10:46 rewrite.pairs[0].to: must be text; put it in quotes",
        "10:70 rewrite.skipColumns[0]: must read "table.column", without prefix and site number; "*" stands for any text, as in "acme_*.secret"",
        "11:1 retries: unknown key; known here: environments, rewrite, network, tables, probes, hooks, logDir",
      ]
    `);
    const { message, exitCode } = await loadError(load(text));
    expect(message).toMatch(/^wfuwp\.config\.yaml has 18 problems:\n {2}wfuwp\.config\.yaml:3:/);
    expect(message).not.toContain('12345');
    expect(exitCode).toBe(12);
  });

  it.each([
    ['an empty file', '', ['1:1 environments: is missing; it must be a section with settings below it']],
    ['a file that is no section', '- a', ['1:1 must be a section with settings below it']],
    ['no environment', 'environments: {}', ['1:1 environments: needs at least one environment']],
    [
      'an environment that is empty',
      'environments:\n  a:\n',
      ['2:3 environments.a: is empty; it must be a section with settings below it'],
    ],
    [
      'a key that stands twice',
      withEnvironment('tables: {}\ntables: {}'),
      ['3:1 this key stands twice in its section; keep one'],
    ],
    ['a tab', 'environments:\n\ta: 1', ['2:1 a tab as indentation; use spaces']],
    [
      'a merge key',
      withEnvironment('tables:\n  <<: { skipData: [] }'),
      ['3:3 merge keys ("<<") are not supported; write the settings out'],
    ],
    [
      'F10 a name that every object has',
      'environments: { __proto__: { database: 1 }, a: { database: { host: h, user: u, name: n }, constructor: {}, hosts: { __proto__: h } } }',
      [
        '1:17 nothing can be named "__proto__"; give it another name',
        '1:91 environments.a.constructor: unknown key; known here: database, tablePrefix, hosts, protected, limits, safety, probe, cache',
        '1:117 nothing can be named "__proto__"; give it another name',
      ],
    ],
    [
      'F10 a variable that is only in every object',
      'environments: { a: { database: { host: h, user: "${constructor}", name: n } } }',
      [
        '1:49 environments.a.database.user: the environment variable constructor is not set; export constructor=…',
      ],
    ],
    ['a file cut off', 'environments: { a: {', expect.arrayContaining([expect.stringMatching(/^1:\d+ /)])],
    ['an alias of nothing', withEnvironment('tables: *nothing'), ['2:9 nothing is named &nothing']],
    [
      'an unclosed reference',
      'environments: { a: { database: { host: h, user: "${U", name: n } } }',
      [
        '1:49 environments.a.database.user: has a brace after "$" that is never closed; for a literal one write "$$" before it',
      ],
    ],
    [
      'a password that YAML takes for a comment',
      'environments: { a: { database: { host: h, user: u, name: n,\n password: #pw\n } } }',
      [
        '2:2 environments.a.database.password: is empty; put text that begins with "#" or another special character in quotes',
      ],
    ],
    [
      'media, which look as if they would be moved',
      'environments:\n  a:\n    database: { host: h, user: u, name: n }\n    media: { bucket: uploads }\n',
      [
        '4:5 environments.a.media: media files are not moved by this version; leave it out and copy them by rsync or "aws s3 sync", before the run and once more after it',
      ],
    ],
    [
      'a host with its port',
      'environments: { a: { database: { host: "127.0.0.1:36001", user: u, name: n } }, b: { database: { host: "[::1]", user: u, name: n } }, c: { database: { host: not a host!, user: u, name: n } } }',
      [
        '1:34 environments.a.database.host: must be without the port; write host: "127.0.0.1" and port: 36001',
        '1:98 environments.b.database.host: must be without brackets; write "::1"',
        '1:152 environments.c.database.host: is neither the name nor the address of a server',
      ],
    ],
    [
      'secrets that are neither text nor from anywhere',
      'environments: { a: { database: { host: h, user: u, name: n, password: { fil: x } }, probe: { headers: { A: {} } }, cache: { flushUrl: ftp://x } }, b: { database: { host: h, user: u, name: n, password: { file: x, command: [y] } }, safety: { policy: lower, key: { command: pass } } } }',
      [
        '1:61 environments.a.database.password: must be text in quotes, or a section with either "file" or "command"',
        '1:105 environments.a.probe.headers.A: must be text in quotes, or a section with either "file" or "command"',
        '1:125 environments.a.cache.flushUrl: must be a URL such as "http://127.0.0.1:8080"',
        '1:192 environments.b.database.password: must be text in quotes, or a section with either "file" or "command"',
        '1:263 environments.b.safety.key.command: must be a list',
      ],
    ],
    [
      'an option file that is not there',
      'environments: { a: { database: { host: h, name: n, myCnf: { file: /nowhere/my.cnf } } } }',
      [
        '1:22 environments.a.database.user: is missing; it must be text',
        "1:52 environments.a.database.myCnf: can't be read from /nowhere/my.cnf: there is no such file",
      ],
    ],
    [
      'a tunnel to a socket, and one with its port in the wrong place',
      'environments: { a: { database: { socketPath: /s, ssh: wp@bastion, user: u, name: n } }, b: { database: { host: h, ssh: "wp@bastion:22", user: u, name: n } }, c: { database: { host: h, ssh: { host: -oProxyCommand=x, prot: 22 }, user: u, name: n } } }',
      [
        '1:50 environments.a.database.ssh: leads to a "host" and "port", and not to a "socketPath"',
        '1:115 environments.b.database.ssh: must read "user@host" or "host"; for a port write { host: user@host, port: … }',
        '1:192 environments.c.database.ssh.host: must read "user@host" or "host"; for a port write { host: user@host, port: … }',
        '1:216 environments.c.database.ssh.prot: unknown key; did you mean "port"?',
      ],
    ],
    [
      'no way to connect',
      'environments: { a: { database: { user: u, name: n } } }',
      ['1:22 environments.a.database: needs "host" (with "port"), or "socketPath"'],
    ],
    [
      'two ways to connect',
      'environments: { a: { database: { host: h, socketPath: /s, user: u, name: n } } }',
      ['1:43 environments.a.database.socketPath: and "host" exclude each other; keep one'],
    ],
    [
      'one database for two purposes',
      'environments: { a: { database: { host: h, user: u, name: n, staging: n } } }',
      ['1:22 environments.a.database: "name", "staging" and "previous" must be three different databases'],
    ],
    [
      'a derived name that is too long',
      `environments: { a: { database: { host: h, user: u, name: ${'n'.repeat(56)} } } }`,
      [
        '1:22 environments.a.database: the derived name of "staging" is too long; set "staging"',
        '1:22 environments.a.database: the derived name of "previous" is too long; set "previous"',
      ],
    ],
    [
      'hooks that are none',
      withEnvironment(
        'hooks: { before: x, before_site: ./x.sh, after_site: { command: [] }, after_run: { command: [a], timeoutMs: 5 } }',
      ),
      [
        '2:10 hooks.before: unknown key; known here: before_site, after_site, after_run',
        '2:21 hooks.before_site: must be a section with settings below it',
        '2:56 hooks.after_site.command: must not be empty',
        '2:98 hooks.after_run.timeoutMs: must be milliseconds, 100 to 86400000',
      ],
    ],
    [
      'a wrong kind of tls',
      'environments: { a: { database: { host: h, user: u, name: n, tls: 1 } } }',
      [
        '1:61 environments.a.database.tls: must be true, false, or a section with "verify" (full, ca or none), "ca", "cert", "key" (PEM files), "serverName"',
      ],
    ],
    [
      'a certificate of ours without its key',
      'environments: { a: { database: { host: h, user: u, name: n, tls: { cert: c.pem } } } }',
      ['1:61 environments.a.database.tls: needs both of "cert" and "key", or neither'],
    ],
    [
      'a name for a certificate whose name is not checked',
      'environments: { a: { database: { host: h, user: u, name: n, tls: { verify: ca, serverName: db } } } }',
      ['1:80 environments.a.database.tls.serverName: does nothing without "verify: full"'],
    ],
    [
      'a kind of check that there is not',
      'environments: { a: { database: { host: h, user: u, name: n, tls: { verify: strict } } } }',
      [
        '1:61 environments.a.database.tls: must be true, false, or a section with "verify" (full, ca or none), "ca", "cert", "key" (PEM files), "serverName"',
      ],
    ],
    [
      'a policy that is off, but has settings',
      'environments: { a: { database: { host: h, user: u, name: n }, safety: { staff: [ann], rules: { stop_mail: false } } } }',
      [
        '1:73 environments.a.safety.staff: does nothing without "policy: lower"',
        '1:87 environments.a.safety.rules: does nothing without "policy: lower"',
      ],
    ],
    [
      'a safety policy that is misspelled',
      'environments: { a: { database: { host: h, user: u, name: n }, safety: { policy: lower, rules: { stop_mails: false }, key: short, anonymise: [x] } } }',
      [
        '1:97 environments.a.safety.rules.stop_mails: unknown key; did you mean "stop_mail"?',
        '1:118 environments.a.safety.key: must have at least 16 characters',
        '1:142 environments.a.safety.anonymise[0]: must read "table.column"; "*" stands for any text',
      ],
    ],
    [
      'rows to skip that name no column',
      withEnvironment('tables: { skipData: [wp.options], skipRows: [_transient_*] }'),
      [
        '2:22 tables.skipData[0]: must be the name of a table without prefix and blog id',
        '2:46 tables.skipRows[0]: must read "table.column=value"; "*" stands for any text, as in "options.option_name=_transient_*"',
      ],
    ],
    [
      'a key unlike any other',
      withEnvironment('tables: { zzzzzzz: 1 }'),
      ['2:11 tables.zzzzzzz: unknown key; known here: skipData, skipRows, refreshPermalinks'],
    ],
    [
      'a misspelled key in a list',
      withEnvironment('rewrite: { pairs: [{ form: a, to: b }] }'),
      [
        '2:20 rewrite.pairs[0].from: is missing; it must be text',
        '2:22 rewrite.pairs[0].form: unknown key; did you mean "from"?',
      ],
    ],
  ])('%s', async (_, text, expected) => {
    expect(await listProblems(text)).toEqual(expected);
  });

  it('of unset variables are told even when the syntax is broken', async () => {
    const problems = await listProblems('environments:\n  a: ${NOBODY}\n  b: ]\n');
    expect(problems).toContainEqual(
      '2:6 environments.a: the environment variable NOBODY is not set; export NOBODY=…',
    );
  });
});

describe('myCnf', () => {
  const MY_CNF = `# by hand
[client]
user = "wp"
[clientprod]
user=wp_prod
password = "pa#ss\\"w\\\\ord" # not this
host=db1
port = 3307
socket=/run/other.sock
[clientlocal]
user='local'
host = localhost
socket=/run/my.sock
`;
  const withCnf = (database: string): string =>
    `environments:\n  a:\n    database: { name: n, ${database} }\n`;
  beforeEach(() => writeFile(join(cwd, 'my.cnf'), MY_CNF, { mode: 0o600 }));

  it('says what the file does not, by the rules of the clients', async () => {
    const { environments, findings } = await load(withCnf('myCnf: { file: my.cnf, group: clientprod }'));
    const { database } = environments.a!;
    expect(database).toMatchObject({ user: 'wp_prod', host: 'db1', port: 3307 });
    expect(database.socketPath).toBeUndefined();
    expect(database.password.reveal()).toBe('pa#ss"w\\ord');
    expect(maskSecrets('denied for pa#ss"w\\ord')).toBe('denied for ***');
    expect(findings).toEqual([]);
  });

  it('comes second to what is said', async () => {
    const written =
      'user: me, password: "", socketPath: /run/s.sock, myCnf: { file: my.cnf, group: clientprod }';
    const { database } = (await load(withCnf(written))).environments.a!;
    expect(database).toMatchObject({ user: 'me', socketPath: '/run/s.sock' });
    expect(database.host).toBeUndefined();
    expect(database.password.reveal()).toBe('');
  });

  it('takes the socket where the host is this machine', async () => {
    const { database } = (await load(withCnf('myCnf: { file: my.cnf, group: clientlocal }'))).environments.a!;
    expect(database).toMatchObject({ user: 'local', socketPath: '/run/my.sock' });
    expect(database.host).toBeUndefined();
  });

  it('takes no socket where the server is behind a tunnel', async () => {
    const written = 'ssh: wp@bastion, myCnf: { file: my.cnf, group: clientlocal }';
    const { database } = (await load(withCnf(written))).environments.a!;
    expect(database).toMatchObject({ host: 'localhost', ssh: { host: 'wp@bastion' } });
    expect(database.socketPath).toBeUndefined();
  });

  it('reads the group [client] of ~/.my.cnf, if nothing else is said', async () => {
    await writeFile(join(cwd, '.my.cnf'), MY_CNF, { mode: 0o600 });
    vi.stubEnv('HOME', cwd);
    expect((await load(withCnf('host: h, myCnf: {}'))).environments.a!.database.user).toBe('wp');
    vi.unstubAllEnvs();
  });

  it('tells of a group that is not there, and of a file that others may write', async () => {
    const text = withCnf('host: h, user: u, myCnf: { file: my.cnf, group: client_prod }');
    const place = '3:44 environments.a.database.myCnf: ';
    const file = join(cwd, 'my.cnf');
    expect(await listProblems(text)).toEqual([
      `${place}there is no group [client_prod] in ${file}; did you mean "clientprod"?`,
    ]);
    await chmod(file, 0o666);
    expect(await listProblems(text)).toEqual([
      `${place}is not taken from ${file}, as others may write to it; chmod go-w ${file}`,
    ]);
  });
});

describe('a file that others may read', () => {
  const SECRETS = `environments:
  a:
    database: { host: h, user: u, name: n, password: &pw correct-horse }
    safety: { policy: lower, key: battery-staple-1234 }
    probe: { headers: { Authorization: Basic abc, X-Stage: stg } }
    cache: { flushUrl: "https://cache/flush?token=abc" }
  b:
    database: { host: h, user: u, name: m, password: *pw }
    cache: { flushUrl: "https://cache/flush" }
  c:
    database: { host: h, user: u, name: o, password: "\${PW}" }
`;

  it('and holds secrets: the keys, and what to type', async () => {
    const { findings } = await load(SECRETS, { PW: 'x' });
    expect(findings).toEqual([
      {
        code: 'secrets_readable',
        outcome: 'warning',
        message:
          'Others on this machine may read wfuwp.config.yaml, and it holds secrets as they are: ' +
          'environments.a.database.password, environments.a.safety.key, environments.a.probe.headers.Authorization, ' +
          'environments.a.cache.flushUrl, environments.b.database.password.',
        hint: 'chmod 600 wfuwp.config.yaml, or refer to an environment variable there: "${NAME}"',
      },
    ]);
  });

  it('is fine without secrets, and with secrets when others may not', async () => {
    expect((await load(SPEC_EXAMPLE, PASSWORDS)).findings).toEqual([]);
    await load(SECRETS, { PW: 'x' });
    await chmod(join(cwd, 'wfuwp.config.yaml'), 0o600);
    expect((await load(SECRETS, { PW: 'x' })).findings).toEqual([]);
  });
});

describe('where the file is looked for', () => {
  it('names all places when there is none', async () => {
    const error = await loadError(loadConfig({ cwd, env: {} }));
    expect(error.code).toBe('config_not_found');
    expect(error.details.places).toEqual(
      ['wfuwp.config.yaml', 'wfuwp.config.yml', 'wfuwp.config.json'].map(name => join(cwd, name)),
    );
  });

  it('takes --config before WFUWP_CONFIG before the working directory', async () => {
    for (const name of ['wfuwp.config.yaml', 'env.yaml', 'flag.yaml'])
      await writeFile(join(cwd, name), withEnvironment(''));
    const env = { WFUWP_CONFIG: 'env.yaml' };
    expect((await loadConfig({ cwd, env, path: 'flag.yaml' })).file).toBe(join(cwd, 'flag.yaml'));
    expect((await loadConfig({ cwd, env })).file).toBe(join(cwd, 'env.yaml'));
    expect((await loadConfig({ cwd, env: {} })).file).toBe(join(cwd, 'wfuwp.config.yaml'));
  });

  it('does not go on looking when a named file is absent', async () => {
    await writeFile(join(cwd, 'wfuwp.config.yaml'), withEnvironment(''));
    expect((await loadError(loadConfig({ cwd, env: {}, path: 'absent.yaml' }))).code).toBe(
      'config_not_found',
    );
  });
});
