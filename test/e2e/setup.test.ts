// bin/setup on machines that lack something. Each test gives it a PATH of its own: the ordinary tools of the
// system, and in place of node, npm, apt-get and the like small scripts that behave as on the machine in
// question. Nothing is downloaded and nothing is installed outside the test's folder.

import { existsSync } from 'node:fs';
import {
  chmod,
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

const REPOSITORY = fileURLToPath(new URL('../../', import.meta.url));

const SYSTEM_TOOLS =
  'bash cat chmod cksum cp dirname env find gzip head mkdir mktemp mv rm sed sha512sum tail tar touch wc'.split(
    ' ',
  );

const CHECKOUT_FILES = ['bin/setup', 'scripts/build.js', 'package.json', 'package-lock.json'];

// Times are set, not waited for: the checkout, then what was installed and built from it, then the test.
const TWO_HOURS_AGO = [Date.now() / 1000 - 7200, Date.now() / 1000 - 7200] as const;
const ONE_HOUR_AGO = [Date.now() / 1000 - 3600, Date.now() / 1000 - 3600] as const;

const NEW_NODE = 'echo v24.3.0';
const OLD_NODE = 'echo v18.19.0';
const ROOT = 'echo 0';
const NOBODY = 'echo 1000';

let machine: string;
beforeEach(async () => {
  machine = await mkdtemp(join(tmpdir(), 'wfuwp-setup-test-'));
  await mkdir(join(machine, 'tools'));
  for (const tool of SYSTEM_TOOLS) await symlink(findTool(tool), join(machine, 'tools', tool));
  await addPrograms({ uname: `if [ "$1" = -s ]; then echo Linux; else echo x86_64; fi` });

  const checkout = join(machine, 'checkout');
  for (const folder of ['bin', 'scripts', 'src']) await mkdir(join(checkout, folder), { recursive: true });
  for (const file of CHECKOUT_FILES) await copyFile(join(REPOSITORY, file), join(checkout, file));
  for (const file of ['src', ...CHECKOUT_FILES]) await utimes(join(checkout, file), ...TWO_HOURS_AGO);
});
afterEach(() => rm(machine, { recursive: true, force: true }));

test('installs nothing where everything is in place, and says so in one line', async () => {
  await addPrograms({ node: NEW_NODE, id: NOBODY });
  await addPackagesAndBuild();
  expect(await setUp()).toEqual({
    exitCode: 0,
    says: ['setup: everything is in place, nothing to install (Node v24.3.0)'],
    complains: [],
  });
});

test('refuses an argument that it does not know', async () => {
  expect(await setUp('--with-pho')).toMatchObject({
    exitCode: 2,
    complains: [expect.stringMatching(/--with-pho/)],
  });
});

describe('Node', () => {
  test.each([
    ['older than needed', { node: OLD_NODE }, 'this machine has v18.19.0'],
    ['missing', {}, 'this machine has none'],
    ['broken', { node: 'exit 127' }, 'this machine has none'],
  ])('that is %s is installed, with npm, into .runtime/', async (_, programs, reason) => {
    await addPrograms({ ...programs, npm: 'echo "network unreachable" >&2; exit 1', id: NOBODY });
    const { says } = await setUp();
    expect(says[0]).toMatch(/^setup: installing Node 24\.\S+ into \.runtime\//);
    expect(says[0]).toContain(reason);
  });

  test('can not be had from a network that shows certificates of its own', async () => {
    await addPrograms({
      node: OLD_NODE,
      id: NOBODY,
      // What --silent would keep back.
      npm: 'case "$*" in *--silent*) ;; *) echo "npm error code SELF_SIGNED_CERT_IN_CHAIN" >&2 ;; esac; exit 1',
    });
    expect(await setUp()).toMatchObject({
      exitCode: 1,
      complains: [
        '  | npm error code SELF_SIGNED_CERT_IN_CHAIN',
        expect.stringMatching(
          /^setup: npm doesn't trust the certificate .*npm config set --location=user cafile FILE/,
        ),
      ],
    });
  });

  test('can not be had offline', async () => {
    await addPrograms({ node: OLD_NODE, npm: 'echo "network unreachable" >&2; exit 1', id: NOBODY });
    expect(await setUp()).toMatchObject({
      exitCode: 1,
      complains: [
        '  | network unreachable',
        expect.stringMatching(/^setup: Node could not .*offline.* run: bin\/setup$/),
      ],
    });
    expect(existsSync(join(machine, 'checkout/.runtime/bin/node'))).toBe(false);
  });

  test('is not taken from an archive with another checksum', async () => {
    await addPrograms({
      node: OLD_NODE,
      id: NOBODY,
      npm: 'while [ "$1" != --pack-destination ]; do shift; done; echo forged > "$2/node.tgz"',
    });
    expect(await setUp()).toMatchObject({
      exitCode: 1,
      complains: [expect.stringMatching(/checksum differs/)],
    });
    expect(existsSync(join(machine, 'checkout/.runtime/bin/node'))).toBe(false);
  });

  test('has to be installed by hand on an architecture without a ready-made one', async () => {
    await addPrograms({ node: OLD_NODE, npm: '', id: NOBODY });
    await addPrograms({ uname: `if [ "$1" = -s ]; then echo Linux; else echo riscv64; fi` });
    expect(await setUp()).toMatchObject({
      exitCode: 1,
      complains: [
        expect.stringMatching(/v18\.19\.0; .* needs 24\.0 or newer\. For Linux on riscv64 .* yourself/),
      ],
    });
  });

  test('that is too old: for what, and which would do, is said', async () => {
    await addPrograms({ node: 'echo v22.13.0', npm: 'exit 1', id: NOBODY });
    expect((await setUp()).says).toEqual([
      expect.stringMatching(
        /this machine has v22\.13\.0; the built program runs from Node 22\.13 on, .* needs 24\.0/,
      ),
    ]);
  });

  test('needs npm, also where there is no apt-get', async () => {
    await addPrograms({ node: OLD_NODE, id: NOBODY });
    expect(await setUp()).toMatchObject({
      exitCode: 1,
      complains: [
        expect.stringMatching(
          /^setup: Missing: npm \(which comes with Node 24\.0 or newer\)\. .* no apt-get/,
        ),
      ],
    });
  });
});

describe('npm packages', () => {
  const logging = 'echo "$@" >> npm.log; mkdir -p node_modules';
  beforeEach(() => addPrograms({ node: NEW_NODE, npm: logging, id: NOBODY }));

  test('are installed when they are missing and when the lock file has changed, else not', async () => {
    await addPackagesAndBuild();
    await rm(join(machine, 'checkout/node_modules'), { recursive: true });
    expect(await setUp()).toMatchObject({
      exitCode: 0,
      says: [expect.stringMatching(/npm packages/), /./] as never,
    });
    expect((await setUp()).says).toEqual([expect.stringMatching(/nothing to install/)]);

    await writeFile(join(machine, 'checkout/package-lock.json'), '{}');
    await setUp();
    const calls = (await readFile(join(machine, 'checkout/npm.log'), 'utf8')).split('\n');
    const installs = calls.filter(call => call.startsWith('install'));
    expect(installs).toHaveLength(2);
    // `prepare` in package.json would build dist/ a first time.
    expect(installs[0]).toContain('--ignore-scripts');
  });

  test('are not installed again over those somebody installed by hand', async () => {
    await addPackagesAndBuild();
    await setUp();
    expect(existsSync(join(machine, 'checkout/npm.log'))).toBe(false);
  });
});

describe('the build', () => {
  const building = (body: string) => `if [ "$1" = --version ]; then ${NEW_NODE}; exit; fi; ${body}`;
  beforeEach(async () => {
    await addPrograms({ node: building('touch dist/new.js'), id: NOBODY });
    await addPackagesAndBuild();
  });

  test('is made anew when a source is newer', async () => {
    await writeFile(join(machine, 'checkout/src/changed.ts'), '');
    expect((await setUp()).says).toEqual([
      'setup: building dist/ from src/',
      'setup: ready; installed: dist/',
    ]);
    expect(existsSync(join(machine, 'checkout/dist/new.js'))).toBe(true);
    expect((await setUp()).says).toEqual([expect.stringMatching(/nothing to install/)]);
  });

  test('that fails is tried again the next time', async () => {
    await writeFile(join(machine, 'checkout/src/changed.ts'), '');
    await addPrograms({ node: building('echo "no such module"; exit 2') });
    const failed = {
      exitCode: 1,
      complains: ['  | no such module', expect.stringMatching(/^setup: The build failed/)],
    };
    expect(await setUp()).toMatchObject(failed);
    expect(await setUp()).toMatchObject(failed);
  });
});

describe('what only root can install', () => {
  const MARIADB_PACKAGES = 'mariadb-server-core mariadb-client-core';
  const PHP_PACKAGES = 'php-cli php-mysql php-mbstring php-xml';
  const INSTALL = 'apt-get install -y --no-install-recommends';

  /** apt-get logs how it was called and, as the real one, puts the programs in place. */
  const apt = {
    'apt-cache': '',
    'apt-get': `
      echo "$*" >> "$LOG"
      case "$*" in *" install "*)
        for program in npm mariadbd mariadb mariadb-install-db; do
          echo '#!/bin/sh' > "$TOOLS/$program"; chmod +x "$TOOLS/$program"
        done
      esac`,
  };

  test.each([
    ['of no program', '', []],
    ['of MariaDB', MARIADB_PACKAGES, ['--with-mariadb']],
    ['of MariaDB, for its engines', MARIADB_PACKAGES, ['--with-engines']],
    ['of MariaDB and PHP', `${MARIADB_PACKAGES} ${PHP_PACKAGES}`, ['--with-mariadb', '--with-php']],
  ])('is what was asked for: %s', async (_, packages, args) => {
    await addPrograms({ ...apt, node: NEW_NODE, id: NOBODY });
    await addPackagesAndBuild();
    const { complains } = await setUp(...args);
    expect(complains.slice(1)).toEqual(packages === '' ? [] : [`  ${INSTALL} ${packages}`]);
  });

  test.each([
    ['without sudo', {}, /as root, then start again:$/, INSTALL],
    ['whom sudo does not trust', { sudo: 'exit 1' }, /this line, then start again:$/, `sudo ${INSTALL}`],
    [
      'of a machine without package lists',
      { sudo: 'exit 1', 'apt-cache': 'exit 100' },
      /this line, then start again:$/,
      `sudo apt-get update && sudo ${INSTALL}`,
    ],
  ])(
    'is named in one line for a user %s, before anything is downloaded',
    async (_, programs, how, command) => {
      await addPrograms({ ...apt, node: OLD_NODE, id: NOBODY, ...programs });
      expect(await setUp('--with-mariadb', '--with-php')).toEqual({
        exitCode: 1,
        says: [],
        complains: [
          expect.stringMatching(
            /^setup: Missing: npm, MariaDB \(.*\), PHP \(.*\)\. Only root can install that\./,
          ),
          `  ${command} npm ${MARIADB_PACKAGES} ${PHP_PACKAGES}`,
        ],
      });
      expect((await setUp('--with-mariadb', '--with-php')).complains[0]).toMatch(how);
    },
  );

  test('is named where there is no apt-get', async () => {
    await addPrograms({ node: NEW_NODE, id: ROOT });
    await addPackagesAndBuild();
    expect(await setUp('--with-mariadb')).toMatchObject({
      exitCode: 1,
      complains: [expect.stringMatching(/no apt-get.*package manager.*mariadb-server-core.*start again/)],
    });
  });

  test.each([
    ['root', { id: ROOT }],
    ['a user with sudo', { id: NOBODY, sudo: '[ "$1" = -n ] || exec "$@"' }],
  ])(
    'is installed for %s at once, without touching the package lists when they are there',
    async (_, programs) => {
      await addPrograms({ ...apt, node: NEW_NODE, ...programs });
      await addPackagesAndBuild();
      await rm(join(machine, 'checkout/node_modules/.package-lock.json'));
      const what = 'npm, MariaDB (server and client programs, no service)';
      const { exitCode, says } = await setUp('--with-mariadb');
      expect(says).toEqual([
        `setup: installing ${what} with apt-get: npm ${MARIADB_PACKAGES}`,
        expect.stringContaining('npm packages'),
        `setup: ready; installed: ${what}, npm packages`,
      ]);
      expect(exitCode).toBe(0);
      expect(await aptCalls()).toEqual([
        expect.stringContaining(`install -y --no-install-recommends npm ${MARIADB_PACKAGES}`),
      ]);
      expect((await setUp('--with-mariadb')).says).toEqual([expect.stringMatching(/nothing to install/)]);
    },
  );

  test('is installed after an update where there are no package lists yet', async () => {
    await addPrograms({ ...apt, node: NEW_NODE, id: ROOT, 'apt-cache': 'exit 100' });
    await addPackagesAndBuild();
    expect(await setUp('--with-mariadb')).toMatchObject({ exitCode: 0 });
    expect(await aptCalls()).toEqual([
      expect.stringMatching(/ update$/),
      expect.stringMatching(/ install -y --no-install-recommends /),
    ]);
  });

  test('can not be had offline', async () => {
    await addPrograms({ ...apt, node: NEW_NODE, id: ROOT, 'apt-get': 'echo "E: no route" >&2; exit 100' });
    await addPackagesAndBuild();
    expect(await setUp('--with-mariadb')).toMatchObject({
      exitCode: 1,
      complains: [
        '  | E: no route',
        expect.stringMatching(/^setup: The package lists .*offline.* Run: .* mariadb-client-core$/),
      ],
    });
  });
});

describe('PHP and WordPress', () => {
  beforeEach(async () => {
    await addPrograms({ node: NEW_NODE, id: NOBODY });
    await addPackagesAndBuild();
  });

  test('are left out, and that is said, on a system without apt-get', async () => {
    const { exitCode, says } = await setUp('--with-php');
    expect(exitCode).toBe(0);
    expect(says).toEqual([
      expect.stringMatching(/^setup: left out: PHP .* no apt-get\. .* skipped/),
      expect.stringMatching(/^setup: left out: WordPress .* no apt-get .* skipped/),
      expect.stringMatching(/nothing to install/),
    ]);
  });

  test('WordPress is left out where it can not be downloaded, and only that', async () => {
    await addPrograms({ php: '', 'dpkg-deb': '', 'apt-get': 'exit 100', sudo: 'exit 1' });
    expect(await setUp('--with-php')).toMatchObject({
      exitCode: 0,
      says: [expect.stringMatching(/left out: WordPress .*offline/), expect.stringMatching(/nothing to/)],
    });
    expect(await readdir(join(machine, 'checkout/.runtime'))).not.toContainEqual(
      expect.stringContaining('wordpress'),
    );
  });

  test('WordPress is unpacked without rights, once, and not installed', async () => {
    await addPrograms({
      php: '',
      'apt-get': 'echo "$*" >> "$LOG"; echo archive > wordpress_6.deb',
      'dpkg-deb': `for name in wp-config.php wp-settings.php; do
        mkdir -p "$3/usr/share/wordpress"; echo debian > "$3/usr/share/wordpress/$name"
      done`,
    });
    expect(await setUp('--with-php')).toMatchObject({
      exitCode: 0,
      says: [expect.stringMatching(/unpacking WordPress/), 'setup: ready; installed: WordPress'],
    });
    const folder = join(machine, 'checkout/.runtime/wordpress');
    expect(await readdir(join(folder, 'core'))).toEqual(['wp-settings.php']);
    expect(await readFile(join(folder, 'wp-config.php'), 'utf8')).toContain('WFUWP_WORDPRESS_CONFIG');
    expect(await setUp('--with-php')).toMatchObject({ says: [expect.stringMatching(/nothing to install/)] });
    expect(await aptCalls()).toEqual(['download wordpress']);
  });
});

describe('MySQL', () => {
  beforeEach(async () => {
    await addPrograms({ node: NEW_NODE, id: NOBODY, sudo: 'exit 1' });
    await addPackagesAndBuild();
  });

  test.each([
    ['there is no apt-get', {}, /no apt-get/],
    ['nobody knows a mirror', { 'apt-get': '', 'dpkg-deb': '' }, /offline/],
    [
      'the mirror has none',
      {
        'apt-get': 'if [ "$1" = indextargets ]; then echo "mirror: Debian Debian"; else exit 100; fi',
        'dpkg-deb': '',
      },
      /offline/,
    ],
  ])('is left out, and only that, where %s', async (_, programs, reason) => {
    await addPrograms(programs);
    const { exitCode, says } = await setUp('--with-mysql');
    expect(exitCode).toBe(0);
    expect(says[1]).toMatch(/^setup: left out: MySQL: .*skipped until bin\/setup --with-mysql/);
    expect(says[1]).toMatch(reason);
    expect(says.at(-1)).toMatch(/nothing to install/);
    expect(await readdir(join(machine, 'checkout/.runtime'))).toEqual(['build-stamp']);
  });

  test('is unpacked with its libraries, once, from the mirror of this machine, and starts with them', async () => {
    await addPrograms({
      'apt-get': `case "$*" in
        indextargets*) echo "https://other.example/ Other Other"; echo "https://mirror.example/debian/ Debian Debian" ;;
        *update) echo "update $(cat "\${2#*=}")" >> "$LOG" ;;
        *install*) cd "$(dirname "$0")/../checkout/.runtime/"mysql.*/cache/archives && for name in libc6 mysql perl; do echo > $name.deb; done ;;
      esac`,
      'dpkg-deb': `echo "unpack \${2##*/}" >> "$LOG"; mkdir -p "$3/usr/lib/here" "$3/usr/sbin"
        printf '#!/bin/sh\necho "$*" >> "$LOG"\n' > "$3/usr/lib/here/ld-linux-here.so.2"; chmod +x "$3/usr/lib/here/ld-linux-here.so.2"`,
    });
    await symlink('/bin/sh', join(machine, 'tools/sh'));
    expect(await setUp('--with-mysql')).toMatchObject({
      exitCode: 0,
      says: [expect.stringMatching(/downloading MySQL/), 'setup: ready; installed: MySQL'],
    });
    expect(await setUp('--with-mysql')).toMatchObject({
      says: [expect.stringMatching(/nothing to install/)],
    });
    const [update, ...rest] = await aptCalls();
    expect(update).toMatch(/^update deb (\[.*\] )?https:\/\/mirror\.example\/debian\/ sid main$/);
    expect(rest.slice(0, 2)).toEqual(['unpack libc6.deb', 'unpack mysql.deb']);
    expect(rest[2]).toMatch(/^--library-path \S+ \S+\/usr\/sbin\/mysqld --no-defaults --version --basedir=/);
    expect(rest).toHaveLength(3);
  });
});

describe("MariaDB's storage engines", () => {
  const MARIADB = { mariadbd: '', mariadb: '', 'mariadb-install-db': '' };
  beforeEach(async () => {
    await addPrograms({ node: NEW_NODE, id: NOBODY, sudo: 'exit 1', ...MARIADB });
    await addPackagesAndBuild();
  });

  test.each([
    ['there is no apt-get', {}, /no apt-get/],
    [
      'the programs are of no package',
      { 'apt-get': '', 'dpkg-deb': '', 'dpkg-query': 'exit 1' },
      /mariadb-server-core/,
    ],
    ['the machine is offline', { 'apt-get': 'exit 100', 'dpkg-deb': '', 'dpkg-query': 'echo 1' }, /offline/],
  ])('are left out, and only they, where %s', async (_, programs, reason) => {
    await addPrograms(programs);
    const { exitCode, says } = await setUp('--with-engines');
    expect(exitCode).toBe(0);
    expect(says[1]).toMatch(/^setup: left out: MariaDB's storage engines: .*until bin\/setup --with-engines/);
    expect(says[1]).toMatch(reason);
    expect(says.at(-1)).toMatch(/nothing to install/);
    expect(await readdir(join(machine, 'checkout/.runtime'))).toEqual(['build-stamp']);
  });

  test('are unpacked once, in the version of the programs', async () => {
    await addPrograms({
      'dpkg-query': 'echo 1:10.11.18-0',
      'apt-get': `echo "$*" >> "$LOG"; echo > one.deb`,
      'dpkg-deb': `mkdir -p "$3/usr/lib/mysql/plugin"; echo > "$3/usr/lib/mysql/plugin/ha_federatedx.so"`,
    });
    expect(await setUp('--with-engines')).toMatchObject({
      exitCode: 0,
      says: [expect.stringMatching(/downloading/), "setup: ready; installed: MariaDB's storage engines"],
    });
    expect(await setUp('--with-engines')).toMatchObject({
      says: [expect.stringMatching(/nothing to install/)],
    });
    expect(await aptCalls()).toEqual([
      'download mariadb-server=1:10.11.18-0 mariadb-plugin-spider=1:10.11.18-0',
    ]);
    expect(await readdir(join(machine, 'checkout/.runtime/mariadb-plugins'))).toEqual(['ha_federatedx.so']);
  });
});

// ---------------------------------------------------------------- the machine

async function setUp(...args: string[]): Promise<{ exitCode: number; says: string[]; complains: string[] }> {
  const tools = join(machine, 'tools');
  const { exitCode, stdout, stderr } = await execa(
    findTool('bash'),
    [join(machine, 'checkout/bin/setup'), ...args],
    {
      env: { PATH: tools, TOOLS: tools, LOG: join(machine, 'apt.log'), HOME: machine, TMPDIR: machine },
      extendEnv: false,
      stdin: 'ignore',
      reject: false,
    },
  );
  return { exitCode: exitCode ?? -1, says: lines(stdout), complains: lines(stderr) };
}

/** Shell scripts by name; an empty one just succeeds. A later one replaces an earlier of the same name. */
async function addPrograms(programs: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, body] of Object.entries(programs)) {
    const path = join(machine, 'tools', name);
    await writeFile(path, `#!${findTool('bash')}\n${body}\n`);
    await chmod(path, 0o755);
  }
}

/** A checkout as it is after an `npm ci` by hand and a build by bin/setup. */
async function addPackagesAndBuild(): Promise<void> {
  const checkout = join(machine, 'checkout');
  for (const folder of ['node_modules', 'dist', '.runtime'])
    await mkdir(join(checkout, folder), { recursive: true });
  for (const file of ['node_modules/.package-lock.json', '.runtime/build-stamp']) {
    await writeFile(join(checkout, file), '');
    await utimes(join(checkout, file), ...ONE_HOUR_AGO);
  }
}

async function aptCalls(): Promise<string[]> {
  return lines(await readFile(join(machine, 'apt.log'), 'utf8'));
}

function lines(text: string): string[] {
  return text.split('\n').filter(line => line !== '');
}

function findTool(name: string): string {
  for (const folder of [...(process.env.PATH ?? '').split(delimiter), '/usr/bin', '/bin']) {
    const path = join(folder, name);
    if (existsSync(path)) return path;
  }
  throw new Error(`${name} is not on the PATH.`);
}
