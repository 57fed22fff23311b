// What bin/demo shows: a whole network moving from "production" to "staging", between two private servers that
// are gone afterwards. Everything but the two servers and their contents is the real thing: the configuration
// file, the users' rights, the command. Its files stay in the checkout's .runtime/ until the next demo.

import { randomBytes } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs, styleText } from 'node:util';
import { execa } from 'execa';
import { loadNetwork } from '../test/support/generate-network.ts';
import { type MariadbServer, startMariadbServer } from '../test/support/mariadb-server.ts';

const WFUWP = fileURLToPath(new URL('../bin/run.js', import.meta.url));
const RUNTIME = fileURLToPath(new URL('../.runtime/', import.meta.url));
const PROD = 'prod.example.edu';
const STG = 'stg.example.edu';

const { keep } = parseArgs({ options: { keep: { type: 'boolean', default: false } } }).values;

const work = await makeWorkFolder();

// While the migration runs, Ctrl-C is its to handle (it drains, stays resumable and exits 130); the demo must
// live on to report that and to stop the servers. At any other time Ctrl-C ends the demo; servers and folders
// go with it (see mariadb-server.ts).
let migrating = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (migrating) return;
    rmSync(work, { recursive: true, force: true });
    process.exit(signal === 'SIGINT' ? 130 : 143);
  });
}

const passwords = { prod: makePassword(), stg: makePassword() };

heading('Two MariaDB servers, two networks');
console.log(styleText('dim', '  being made and filled; a quarter of a minute, more on a busy machine ...'));
const startedAt = performance.now();
const [source, target] = await Promise.all([startMariadbServer(), startMariadbServer()]);
await Promise.all([fillSource(), fillTarget()]);
const sourceSize = await describeDatabase(source, 'wp_prod');
const targetSize = await describeDatabase(target, 'wp_stg');
facts({
  prod: `127.0.0.1:${source.port}  wp_prod  ${sourceSize}`,
  stg: `127.0.0.1:${target.port}  wp_stg   ${targetSize}; other content, to be replaced`,
  took: `${((performance.now() - startedAt) / 1000).toFixed(1)} s`,
  configuration: join(work, 'wfuwp.config.yaml'),
});
await writeWorkFolder();
const before = await readExample();

heading('$ wfuwp env-migrate prod stg --yes');
migrating = true;
const migration = await execa(process.execPath, [WFUWP, 'env-migrate', 'prod', 'stg', '--yes'], {
  cwd: work,
  env: { PROD_DB_PASSWORD: passwords.prod, STG_DB_PASSWORD: passwords.stg },
  stdio: 'inherit',
  reject: false,
});
migrating = false;
process.exitCode = migration.exitCode ?? 1;

await report();
if (keep) await keepServers();
await Promise.all([source.stop(), target.stop()]);

// ---------------------------------------------------------------- before

/** Named after this process: those of earlier demos go, unless they are still up. */
async function makeWorkFolder(): Promise<string> {
  const folder = join(RUNTIME, `demo-${process.pid}`);
  for (const name of await readdir(RUNTIME)) {
    const owner = /^demo-(\d+)$/.exec(name)?.[1];
    if (owner === undefined || (isAlive(Number(owner)) && owner !== String(process.pid))) continue;
    await rm(join(RUNTIME, name), { recursive: true, force: true });
  }
  await mkdir(folder);
  return folder;
}

async function fillSource(): Promise<void> {
  await loadNetwork(source, 'wp_prod', { sites: 60, scale: 0.5, domain: PROD });
  await source.query(`
    CREATE USER wp_reader@'%' IDENTIFIED BY '${passwords.prod}';
    GRANT SELECT ON wp_prod.* TO wp_reader@'%'`);
}

/** Staging as it is met in life: an older copy, of fewer sites. */
async function fillTarget(): Promise<void> {
  await loadNetwork(target, 'wp_stg', { sites: 45, scale: 0.1, domain: STG, seed: 7 });
  await target.query(`
    CREATE USER wp_writer@'%' IDENTIFIED BY '${passwords.stg}';
    GRANT ALL ON wp_stg.* TO wp_writer@'%';
    GRANT ALL ON wp_stg_incoming.* TO wp_writer@'%';
    GRANT ALL ON wp_stg_previous.* TO wp_writer@'%'`);
}

async function writeWorkFolder(): Promise<void> {
  await writeFile(
    join(work, 'wfuwp.config.yaml'),
    `environments:
  prod:
    database:
      host: 127.0.0.1
      port: ${source.port}
      user: wp_reader   # has SELECT, nothing else
      password: \${PROD_DB_PASSWORD}
      name: wp_prod
    tablePrefix: wp_
    hosts:
      main: ${PROD}
      any: "*.${PROD}"
  stg:
    database:
      host: 127.0.0.1
      port: ${target.port}
      user: wp_writer
      password: \${STG_DB_PASSWORD}
      name: wp_stg
    tablePrefix: wp_
    hosts:
      main: ${STG}
      any: "*.${STG}"
`,
  );
  if (!keep) return;
  await writeFile(
    join(work, 'env'),
    `# To be sourced: what the commands of this folder need.
export PROD_DB_PASSWORD=${passwords.prod} STG_DB_PASSWORD=${passwords.stg}
wfuwp() { '${WFUWP}' "$@"; }
cd '${work}'
`,
    { mode: 0o600 },
  );
}

// ---------------------------------------------------------------- after

async function report(): Promise<void> {
  const runs = existsSync(join(work, 'logs')) ? await readdir(join(work, 'logs')) : [];
  const run = runs.find(name => name.startsWith('env-migrate-'));
  const runFolder = run === undefined ? undefined : join(work, 'logs', run);
  const after = await readExample();

  heading(migration.exitCode === 0 ? 'What happened' : `It ended with exit code ${migration.exitCode}`);
  facts({
    'stg before': targetSize,
    'stg now': await describeDatabase(target, 'wp_stg'),
    'a site before': before,
    'the same now': after,
    'old tables': `${await countTables(target, 'wp_stg_previous')}, in wp_stg_previous until cleanup`,
    prod: `${await describeDatabase(source, 'wp_prod')}; only ever read`,
  });

  heading('Where the files lie');
  facts({
    'this run': runFolder ?? 'none was begun',
    ...(runFolder === undefined ? {} : { files: (await readdir(runFolder)).sort().join('  ') }),
  });

  heading('Three commands to try next');
  if (keep) {
    command(`. ${join(work, 'env')}`, 'in another terminal, before the next two');
    command('wfuwp env-migrate prod stg --dry-run', 'the plan alone; writes nothing');
    command('wfuwp env-migrate prod stg --include-sites 5,7 --yes', 'two sites again; the others stay');
  } else {
    if (runFolder !== undefined) {
      command(`less ${join(runFolder, 'migration-progress.log')}`, 'the whole night, line by line');
      command(`less ${join(runFolder, 'migration-summary.json')}`, 'counts, durations, slowest sites');
    } else {
      command('bin/run.js env-migrate --help', 'all flags, with examples');
      command('bin/test', 'every check and test');
    }
    command('bin/demo --keep', 'again, and the servers stay up to try more');
  }
  console.log(keep ? '' : '\nThe two servers are stopped now; the files stay until the next demo.');
}

async function keepServers(): Promise<void> {
  console.log(
    `The servers stay up (pids ${source.pid} and ${target.pid}). To stop them: Ctrl-C here, or kill ${process.pid}.`,
  );
  facts({
    prod: `mariadb --no-defaults --user=root --socket=${source.socketPath} wp_prod`,
    stg: `mariadb --no-defaults --user=root --socket=${target.socketPath} wp_stg`,
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  process.removeAllListeners('SIGINT').once('SIGINT', () => resolve());
  process.removeAllListeners('SIGTERM').once('SIGTERM', () => resolve());
  const ended = new AbortController();
  await Promise.race([promise, whenServersEnd(ended.signal)]);
  ended.abort();
  console.log('\nStopping the servers.');
}

/** Somebody may stop them by their pids. */
async function whenServersEnd(signal: AbortSignal): Promise<void> {
  while ([source.pid, target.pid].some(isAlive)) {
    if (await sleep(500, false, { signal }).catch(() => true)) return;
  }
}

// ---------------------------------------------------------------- reading the servers

async function describeDatabase(server: MariadbServer, database: string): Promise<string> {
  const [size] = await server.query<{ megabytes: string }>(
    `SELECT ROUND(SUM(data_length + index_length) / 1048576) AS megabytes
     FROM information_schema.tables WHERE table_schema = ?`,
    [database],
  );
  const [sites] = await server.query<{ sites: number }>(`SELECT COUNT(*) AS sites FROM ${database}.wp_blogs`);
  return `${sites?.sites} sites, ${await countTables(server, database)} tables, ${size?.megabytes} MB`;
}

async function countTables(server: MariadbServer, database: string): Promise<number> {
  const [row] = await server.query<{ tables: number }>(
    'SELECT COUNT(*) AS tables FROM information_schema.tables WHERE table_schema = ?',
    [database],
  );
  return row?.tables ?? 0;
}

/** One value of one site on the target that changes for sure: the name differs with the content. */
async function readExample(): Promise<string> {
  const [row] = await target.query<{ siteurl: string; posts: number }>(
    `SELECT (SELECT option_value FROM wp_stg.wp_12_options WHERE option_name = 'siteurl') AS siteurl,
            (SELECT COUNT(*) FROM wp_stg.wp_12_posts) AS posts`,
  );
  return `${row?.siteurl}: ${row?.posts} posts`;
}

// ---------------------------------------------------------------- writing to the terminal

function heading(text: string): void {
  console.log(`\n${styleText('bold', text)}`);
}

function facts(lines: Readonly<Record<string, string>>): void {
  const width = Math.max(...Object.keys(lines).map(name => name.length));
  for (const [name, text] of Object.entries(lines)) {
    console.log(`  ${styleText('dim', name.padEnd(width))}  ${text}`);
  }
}

function command(line: string, purpose: string): void {
  console.log(`  ${line}\n      ${styleText('dim', purpose)}`);
}

function makePassword(): string {
  return randomBytes(12).toString('hex');
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
