// Who runs, and exactly what. Each carries the same tables: those of the sites and of the network, without users.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import type { MariadbServer } from '../../support/mariadb-server.ts';
import { type Bed, CONFIG_SECRETS, TARGET } from './bed.ts';
import type { Expected } from './check-content.ts';
import type { Command } from './measure.ts';

export const SOURCE = 'wp_prod';
const FROM = 'prod.example.edu';
const TO = 'stg.example.edu';
/** How many sites change before the run that finds some changed. */
const CHANGED_SHARE = 0.05;

const WFUWP = fileURLToPath(new URL('../../../bin/run.js', import.meta.url));

export interface Contender {
  readonly name: string;
  /** Runs in the same round on what this one left, instead of into an empty target. */
  readonly after?: string;
  /** Where what it makes arrives. */
  readonly server: MariadbServer;
  readonly expected: Expected;
  readonly command: Command;
  /** Before and after each run, outside of its time. */
  readonly prepare?: () => Promise<unknown>;
  readonly restore?: () => Promise<unknown>;
}

export interface Absent {
  readonly name: string;
  /** Why it can't run here, and what would help. */
  readonly reason: string;
}

export async function listContenders(
  bed: Bed,
  wfuwpArgs: readonly string[],
): Promise<(Contender | Absent)[]> {
  const sites = await bed.listSites(SOURCE);
  await writePeerFiles(bed, sites);
  return [
    wfuwp(bed, { name: 'wfuwp-counts', to: 'stg', args: ['--verify', 'counts', ...wfuwpArgs] }),
    wfuwp(bed, { name: 'wfuwp-checksum', to: 'stg', args: ['--verify', 'checksum', ...wfuwpArgs] }),
    ...(await onlyChanged(bed, sites, wfuwpArgs)),
    await unlessMissing('mariadb-dump', 'mariadb-client', dump(bed, 'dump', '')),
    await unlessMissing('mariadb-dump', 'mariadb-client', dump(bed, 'dump-sed', SED)),
    await unlessMissing('mydumper', 'mydumper', mydumper(bed)),
    wfuwp(bed, { name: 'wfuwp-twin-counts', to: 'twin', args: ['--verify', 'counts', ...wfuwpArgs] }),
    wfuwp(bed, { name: 'wfuwp-twin-checksum', to: 'twin', args: ['--verify', 'checksum', ...wfuwpArgs] }),
    insertSelect(bed),
  ];
}

// ---------------------------------------------------------------- ours

interface WfuwpOptions {
  readonly name: string;
  readonly from?: string;
  readonly to: 'stg' | 'twin';
  readonly args: readonly string[];
  /** Of Node itself. */
  readonly nodeArgs?: readonly string[];
}

/** The built program, with a configuration file, as an operator calls it. */
export function wfuwp(bed: Bed, { name, from = 'prod', to, args, nodeArgs = [] }: WfuwpOptions): Contender {
  return {
    name,
    server: to === 'stg' ? bed.target : bed.source,
    expected: 'rewritten',
    command: {
      file: process.execPath,
      args: [...nodeArgs, WFUWP, 'env-migrate', from, to, '--yes', ...args],
      cwd: bed.folder,
      env: CONFIG_SECRETS,
    },
  };
}

async function onlyChanged(
  bed: Bed,
  sites: readonly string[][],
  wfuwpArgs: readonly string[],
): Promise<(Contender | Absent)[]> {
  const names = ['wfuwp-unchanged', 'wfuwp-5-percent'] as const;
  const { stdout } = await execa(process.execPath, [WFUWP, 'env-migrate', '--help']);
  if (!stdout.includes('--only-changed'))
    return names.map(name => ({ name, reason: 'env-migrate has no --only-changed yet' }));

  const args = ['--verify', 'checksum', '--only-changed', ...wfuwpArgs];
  const unchanged = wfuwp(bed, { name: names[0], to: 'stg', args });
  // Beside the network's own tables and the main site, which are the first two.
  const subsites = sites.slice(2);
  const step = Math.max(1, Math.round(1 / CHANGED_SHARE));
  const posts = subsites.filter((_, index) => index % step === 0).map(tables => findPosts(tables));
  const edit = (title: string) =>
    bed.source.query(
      posts
        .map(table => `UPDATE ${SOURCE}.${table} SET post_title = ${title} ORDER BY ID LIMIT 1`)
        .join('; '),
    );
  return [
    { ...unchanged, after: 'wfuwp-checksum' },
    {
      ...unchanged,
      name: names[1],
      after: 'wfuwp-checksum',
      expected: { editedPosts: posts },
      prepare: () => edit(`CONCAT(post_title, ' (edited)')`),
      restore: () => edit(`REPLACE(post_title, ' (edited)', '')`),
    },
  ];
}

function findPosts(tables: readonly string[]): string {
  return tables.find(table => table.endsWith('_posts'))!;
}

// ---------------------------------------------------------------- the peers

const SED = `LC_ALL=C sed 's/${FROM.replaceAll('.', '\\.')}/${TO}/g' |`;

/** `sites.txt`: the tables of one site a line. `site-N.sql`: the same as statements. */
async function writePeerFiles(bed: Bed, sites: readonly string[][]): Promise<void> {
  await writeFile(join(bed.folder, 'sites.txt'), sites.map(tables => `${tables.join(' ')}\n`).join(''));
  const files = sites.map(async (tables, index) => {
    const path = join(bed.folder, `site-${index}.sql`);
    const statements = tables.map(
      table =>
        `CREATE TABLE ${TARGET}.${table} LIKE ${SOURCE}.${table};\n` +
        `INSERT INTO ${TARGET}.${table} SELECT * FROM ${SOURCE}.${table};\n`,
    );
    // As a dump has it: a 0 in an auto column stays 0, and what the source holds is not judged.
    await writeFile(path, `SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO';\n${statements.join('')}`);
    return `${path}\n`;
  });
  await writeFile(join(bed.folder, 'site-files.txt'), (await Promise.all(files)).join(''));
}

/** One dump and one client a site, four sites at a time: the best that a shell does. */
function dump(bed: Bed, name: string, filter: string): Contender {
  const site =
    'set -o pipefail; ' +
    `mariadb-dump --defaults-file=source.cnf --single-transaction --no-tablespaces ${SOURCE} "$@" | ` +
    `${filter} mariadb --defaults-file=target.cnf --binary-mode --max-allowed-packet=1G ${TARGET}`;
  return {
    name,
    server: bed.target,
    // sed spoils serialized values: there is nothing to compare their bytes with.
    expected: filter === '' ? 'copied' : 'counted',
    command: {
      file: 'xargs',
      args: ['-P4', '-L1', '-a', 'sites.txt', 'bash', '-c', site, 'site'],
      cwd: bed.folder,
    },
  };
}

function mydumper(bed: Bed): Contender {
  const dumper = [
    ...['mydumper', ...bed.loginArguments(bed.source), '--threads=4', '--trx-consistency-only'],
    ...[`--database=${SOURCE}`, `--regex='^${SOURCE}\\.(?!wp_users$|wp_usermeta$)'`, '--outputdir=mydumper'],
  ];
  const loader = [
    ...['myloader', ...bed.loginArguments(bed.target), '--threads=4'],
    ...[`--database=${TARGET}`, '--directory=mydumper'],
  ];
  return {
    name: 'mydumper',
    server: bed.target,
    expected: 'copied',
    prepare: () => bed.makeFolder('mydumper'),
    command: { file: 'bash', args: ['-c', `${dumper.join(' ')} && ${loader.join(' ')}`], cwd: bed.folder },
  };
}

/** The server's own work alone, two sites at a time: more gains little on two cores. */
function insertSelect(bed: Bed): Contender {
  return {
    name: 'insert-select',
    server: bed.source,
    expected: 'copied',
    command: {
      file: 'xargs',
      args: [
        ...['-P2', '-n1', '-a', 'site-files.txt', 'bash', '-c'],
        'mariadb --defaults-file=source.cnf <"$1"',
        'site',
      ],
      cwd: bed.folder,
    },
  };
}

async function unlessMissing(
  program: string,
  debianPackage: string,
  contender: Contender,
): Promise<Contender | Absent> {
  const { failed } = await execa('bash', ['-c', `command -v ${program}`], { reject: false });
  if (!failed) return contender;
  return {
    name: contender.name,
    reason: `${program} is not installed (Debian: apt-get install ${debianPackage})`,
  };
}
