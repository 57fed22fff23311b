// What npm makes of a checkout, and whether that works where nothing else is: packed, and installed from the tarball
// and from a git address. The network is not needed, see npm-registry.ts.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startNpmRegistry } from '../support/npm-registry.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** Of a checkout; its tests and decisions are in no package. */
const PARTS = ['*.json', '*.md', '.npmrc', 'LICENSE', 'bin', 'docs', 'schema', 'scripts', 'src', 'wordpress'];

const missing = ['npm', 'git', 'tar'].filter(tool => spawnSync(tool, ['--version']).status !== 0);
const whyNot =
  missing.length > 0
    ? ` (not tried: there is no ${missing.join(', ')})`
    : existsSync(join(ROOT, '.git'))
      ? ''
      : ' (not tried: this is no git checkout)';

describe.skipIf(whyNot)(`the package${whyNot}`, () => {
  let folder: string;
  let checkout: string;
  let files: string[];
  let pjson: { version: string };
  let registry: Awaited<ReturnType<typeof startNpmRegistry>>;
  beforeAll(async () => {
    registry = await startNpmRegistry();
    folder = await mkdtemp(join(tmpdir(), 'wfuwp-package-'));
    // Whatever npm makes of a checkout, it makes below this folder: there it finds what a build needs.
    await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    checkout = join(folder, 'checkout');
    await copyCheckout();
    pjson = JSON.parse(await readFile(join(checkout, 'package.json'), 'utf8'));
    await npm(['pack', '--pack-destination', folder], checkout);
    files = (await execa('tar', ['-tzf', tarball()])).stdout
      .split('\n')
      .map(file => file.slice('package/'.length));
  }, 60_000);
  afterAll(async () => {
    await registry[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  it('has the program, the guides, and nothing that only a checkout needs', () => {
    for (const file of ['bin/run.js', 'dist/cli/help.js', 'dist/LICENSES.txt', 'LICENSE', 'docs/RUNBOOK.md'])
      expect(files).toContain(file);
    expect(files.filter(file => /^(test|scripts|docs\/decisions|bin\/(?!run))/.test(file))).toEqual([]);
  });

  it('has every file that a link of its guides leads to', async () => {
    const guides = files.filter(file => file.endsWith('.md'));
    const dead: string[] = [];
    for (const guide of guides) {
      const text = await readFile(join(checkout, guide), 'utf8');
      for (const [, link = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
        if (/^[a-z]+:|^#/.test(link)) continue;
        const path = posix.join(posix.dirname(guide), link.replace(/#.*/, ''));
        if (!files.includes(path)) dead.push(`${guide}: ${link}`);
      }
    }
    expect(dead).toEqual([]);
    expect(guides).toContain('README.md');
  });

  it('works, installed from the tarball', async () => {
    const prefix = join(folder, 'global');
    await npm(['install', '--global', '--prefix', prefix, tarball()], folder);
    await expectItWorks(join(prefix, 'bin/wfuwp'));
  });

  it('works, installed from a git address', async () => {
    // npm would install the development packages for the build; they are there already, above its clone.
    await writeFile(join(checkout, 'package.json'), JSON.stringify({ ...pjson, devDependencies: {} }));
    await rm(join(checkout, 'package-lock.json'));
    const git = ['-c', 'user.name=test', '-c', 'user.email=test@example.edu', '-c', 'commit.gpgsign=false'];
    for (const args of [
      ['init', '-q'],
      ['add', '-A'],
      [...git, 'commit', '-qm', 'All'],
    ])
      await execa('git', args, { cwd: checkout });
    const project = join(folder, 'project');
    await mkdir(project);
    await npm(['install', '--prefix', project, `git+file://${checkout}`], project);
    await expectItWorks(join(project, 'node_modules/.bin/wfuwp'));
  });

  function tarball(): string {
    return join(folder, `wfuwp-${pjson.version}.tgz`);
  }

  /** As it is at the moment, committed or not, and not built. */
  async function copyCheckout(): Promise<void> {
    const list = ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--', ...PARTS];
    const { stdout } = await execa('git', list, { cwd: ROOT });
    for (const file of stdout.split('\0').filter(name => name !== '' && existsSync(join(ROOT, name)))) {
      await mkdir(dirname(join(checkout, file)), { recursive: true });
      await cp(join(ROOT, file), join(checkout, file));
    }
  }

  async function expectItWorks(program: string): Promise<void> {
    const wfuwp = (args: string[], input = '') =>
      execa(program, args, { cwd: folder, env: environment(), extendEnv: false, input });
    expect((await wfuwp(['--version'])).stdout).toContain(`wfuwp/${pjson.version} `);
    expect((await wfuwp(['env-migrate', '--help'])).stdout).toContain('EXIT CODES');
    const rewritten = await wfuwp(
      ['rewrite', '--from', 'a.example.edu', '--to', 'b.example.edu'],
      's:13:"a.example.edu";',
    );
    expect(rewritten.stdout).toBe('s:13:"b.example.edu";');
  }

  function npm(args: string[], cwd: string) {
    return execa('npm', args, { cwd, env: environment(), extendEnv: false });
  }

  /** Neither the settings of this machine's npm nor what its cache has: what works has to work anywhere. */
  function environment(): Record<string, string> {
    return {
      PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
      HOME: folder,
      npm_config_cache: join(folder, 'cache'),
      npm_config_registry: registry.url,
      npm_config_update_notifier: 'false',
      npm_config_audit: 'false',
      npm_config_fund: 'false',
    };
  }
});
