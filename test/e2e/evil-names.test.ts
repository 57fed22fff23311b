// Names that a terminal would obey, a reader would take for something else, or nobody would see, in everything that a
// network's people can name: no command shows them as they are, and every program gets them exactly.

import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import type { Plan } from '../../src/migration/plan.ts';
import { quoteName } from '../../src/mysql/table-names.ts';
import { createEnvironments, type Environments } from '../support/environments.ts';
import { MARK } from '../support/poison.ts';
import { onlyRunId } from '../support/runs.ts';
import { TROUBLEMAKERS } from '../support/troublemakers.ts';
import { PROGRAM } from '../support/wfuwp.ts';

/** What a database takes in a name: all but NUL and halves of pairs, of what is in TROUBLEMAKERS. */
const STORABLE = TROUBLEMAKERS.map(([, character]) => character).filter(
  character => character !== '\0' && character.isWellFormed(),
);

const TITLE = `${MARK}\u001b]0;PWNED\u0007`;
const CLEAR = `${MARK}\u001b[2J${MARK}\u001b[31mPWNED`;
const LINK = `${MARK}\u001b]8;;http://evil${MARK}\u0007click`;
const FORGED = `${MARK}\n2026-11-21 02:30:04.000Z  INFO   Migration completed.`;
const ALL = (from: number): string =>
  STORABLE.slice(from, from + 24)
    .map(character => MARK + character)
    .join('');

const SITES: readonly [siteId: number, domain: string, path: string][] = [
  [2, `a${TITLE}.prod.example.edu`, `/${ALL(0)}/`],
  [3, `b${CLEAR}.prod.example.edu`, `/${FORGED}/`],
  [4, `c${LINK}.prod.example.edu`, `/${ALL(24)}/`],
  [5, `${MARK}\u202egpj'"\`;$(touch PWNED).prod.example.edu`, `/${ALL(48)}/`],
];

/** Identifiers have only characters of the first 65536. */
const TABLES = [
  `wp_2_${TITLE}`,
  `wp_2_${CLEAR}`,
  `wp_3_${MARK}\u202erl${MARK}\u2066`,
  `wp_3_${MARK}\nx`,
  'wp_2_`; DROP TABLE wp_posts; --x',
  `wp_4_'"\\\\ ) /* %s {} \${HOME}`,
  'wp_4_$(touch PWNED)`touch PWNED`; touch PWNED',
  'wp_5_../../PWNED',
  `wp_99_${TITLE}`,
];

async function nameEvilly({ source: { server, database } }: Environments): Promise<void> {
  for (const [siteId, domain, path] of SITES)
    await server.query(`UPDATE ${database}.wp_blogs SET domain = ?, path = ? WHERE blog_id = ?`, [
      domain,
      path,
      siteId,
    ]);
  for (const table of TABLES) {
    const name = quoteName(database, table);
    await server.query(
      `CREATE TABLE ${name} (\`key${TITLE}\` VARCHAR(90) PRIMARY KEY, \`text${CLEAR}\` TEXT) CHARACTER SET utf8mb4`,
    );
    const broken = 'a:1:{s:3:"x";s:99:"https://prod.example.edu/";}';
    await server.query(`INSERT INTO ${name} VALUES (?, ?)`, [`row${LINK}`, broken]);
  }
  await server.query(`CREATE VIEW ${database}.\`wp_4_${TITLE}\` AS SELECT 1 AS \`x${TITLE}\``);
}

function expectHarmless(text: string, what: string): void {
  const shown = TROUBLEMAKERS.filter(([, character]) => text.includes(MARK + character)).map(
    ([name]) => name,
  );
  expect(shown, what).toEqual([]);
  expect(
    text.split('\n').filter(line => line.startsWith('2026-11-21 02:30:04')),
    what,
  ).toEqual([]);
}

/** Into a pipe nothing at all goes that isn't plain. */
function expectPlain(text: string, what: string): void {
  expectHarmless(text, what);
  const left = TROUBLEMAKERS.filter(([, character]) => character !== '\n' && text.includes(character));
  expect(left, what).toEqual([]);
}

/** At a terminal, which util-linux' script has to give; `n` to every question. */
async function runAtTerminal({ cwd, env }: Environments, ...args: string[]): Promise<string> {
  const words = [process.execPath, PROGRAM, ...args].map(
    word => `'${word.replaceAll("'", String.raw`'\''`)}'`,
  );
  const command = `stty cols 130 rows 45; exec ${words.join(' ')}`;
  const terminal = execa('script', ['-qefc', command, '/dev/null'], {
    cwd,
    // What the whole suite is told of its own output, and what keeps Node from colours on a machine for CI.
    env: { ...env, TERM: 'xterm-256color', NO_COLOR: undefined, CI: undefined },
    input: 'n',
    reject: false,
    timeout: 60_000,
  });
  return (await terminal).stdout;
}

/** Each starts the program twenty times. */
describe('evil names', { timeout: 300_000 }, () => {
  it('are shown as escapes by every command, and kept exactly for programs', async () => {
    await using pair = await createEnvironments({ sites: 5, scale: 0.02 });
    await nameEvilly(pair);
    await writeFile(
      join(pair.cwd, 'hook.sh'),
      'env > "hook-$WFUWP_SITE_ID"; echo "$WFUWP_SITE_DOMAIN $WFUWP_SITE_PATH"',
    );
    await pair.configure(config => {
      config.hooks = { before_site: { command: ['sh', 'hook.sh'] } };
    });

    const tell = async (...args: string[]): Promise<void> => {
      const { stdout, stderr } = await pair.run('env-migrate', ...args);
      expectPlain(stdout + stderr, args.join(' '));
    };
    await tell('prod', 'stg', '--dry-run');
    const plan = await pair.run('env-migrate', 'prod', 'stg', '--dry-run', '--json');
    expectPlain(plan.stdout, 'plan --json');
    const planned = (JSON.parse(plan.stdout) as { plan: Plan }).plan;
    for (const [siteId, domain, path] of SITES)
      expect(planned.sites.find(site => site.siteId === siteId)).toMatchObject({ domain, path });

    const run = await pair.run('env-migrate', 'prod', 'stg', '--yes', '--verbose');
    expect(run.exitCode, run.stderr).toBe(0);
    expectPlain(run.stdout + run.stderr, 'run');
    expect(run.stdout).toContain(String.raw`a☠\x1b]0;PWNED\x07.prod.example.edu`);

    const id = await onlyRunId(pair);
    const progress = await readFile(join(pair.cwd, 'logs', id, 'migration-progress.log'), 'utf8');
    expectPlain(progress, 'progress log');
    expect(progress).toContain(
      String.raw`/☠\n2026-11-21 02:30:04.000Z  INFO   Migration completed./: completed`,
    );
    for (const [siteId, domain, path] of SITES) {
      const facts = await readFile(join(pair.cwd, `hook-${siteId}`), 'utf8');
      expect(facts).toContain(`WFUWP_SITE_DOMAIN=${domain}\n`);
      expect(facts).toContain(`WFUWP_SITE_PATH=${path}\n`);
    }
    const { target } = pair;
    const arrived = await target.server.query<{ name: string }>(
      'SELECT table_name name FROM information_schema.tables WHERE table_schema = ?',
      [target.database],
    );
    // The last one belongs to no site.
    expect(arrived.map(({ name }) => name)).toEqual(
      expect.arrayContaining([...TABLES.slice(0, -1), 'wp_posts']),
    );
    expect((await readdir(pair.cwd)).filter(file => file.includes('PWNED'))).toEqual([]);

    await tell('status', id);
    for (const siteId of ['0', '2', '3', '4', '5']) await tell('status', id, '--site', siteId);
    await tell('log', id, '--level', 'debug');
    await tell('log', id, '--json');
    await tell('verify', id);
    await tell('verify', 'prod', 'stg');
    await tell('--list-migrations');
    await tell('unlock', 'stg');
    await tell('cleanup', id);
    await tell('rollback', id, '--yes');
    await tell('cleanup', id, '--yes');
    await tell('status', `${MARK}\u001b[2J`);
    await tell(`${MARK}\nFORGED`, TITLE, '--yes');
    await tell(`--${MARK}\n${MARK}\u009b2J`);
    const help = await pair.run('help', `${MARK}\u001b[2J`);
    expectPlain(help.stdout + help.stderr, 'help');
  });

  it('are shown as escapes at a terminal, in what is drawn and redrawn, and in questions', async () => {
    await using pair = await createEnvironments({ sites: 5, scale: 0.02 });
    await nameEvilly(pair);
    for (const args of [
      ['prod', 'stg', '--dry-run'],
      ['prod', 'stg'],
      ['prod', 'stg', '--yes'],
    ]) {
      const screen = await runAtTerminal(pair, 'env-migrate', ...args);
      expect(screen, args.join(' ')).toContain('\u001b[1m');
      expect(screen, args.join(' ')).toContain(`a${MARK}\\x1b]0;`);
      expectHarmless(screen, args.join(' '));
    }
    const id = await onlyRunId(pair);
    for (const args of [
      ['status', id],
      ['log', id],
      ['verify', id],
      ['cleanup', id],
      ['rollback', id],
    ])
      expectHarmless(await runAtTerminal(pair, 'env-migrate', ...args), args.join(' '));
  });
});
