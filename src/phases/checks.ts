// Preflight: every check runs, and all findings are shown together. A check looks at facts that were already read and
// changes nothing.

import { statfs } from 'node:fs/promises';
import { hostname } from 'node:os';
import type { Finding } from '../lib/finding.ts';
import type { Hazard, Plan } from '../migration/plan.ts';
import { NETWORK } from '../migration/task-ids.ts';
import { missingPrivileges, SOURCE_RIGHTS, TARGET_RIGHTS } from '../mysql/grants.ts';
import type { ServerFacts } from '../mysql/read-server.ts';
import { checkConnection } from './check-connection.ts';
import { explainStrangers } from './find-strangers.ts';
import type { EndFacts } from './read-ends.ts';

export interface CheckInput {
  readonly plan: Plan;
  readonly source: EndFacts;
  readonly target: EndFacts;
  readonly sameServer: boolean;
  /** `--accept` codes: blocking hazards named here don't fail. */
  readonly accept: readonly string[];
  readonly protectedTarget: boolean;
  /** `--confirm NAME`. */
  readonly confirmed: string | null;
}

type Check = (input: CheckInput) => Finding[] | Promise<Finding[]>;

const CHECKS: readonly Check[] = [
  checkVersions,
  checkConnections,
  checkDifferentDatabases,
  checkTargetDatabases,
  checkProtection,
  checkSourceNetwork,
  checkSourceRights,
  checkTargetRights,
  checkTargetWritable,
  checkSession,
  checkStagingDatabases,
  checkStrangers,
  checkTableNameCase,
  checkLoadMethod,
  checkCopiesInside,
  checkPacketSize,
  checkFreeSpace,
  checkHazards,
];

export async function runChecks(input: CheckInput): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const check of CHECKS) findings.push(...(await check(input)));
  return findings;
}

const passed = (code: string, message: string): Finding[] => [{ code, outcome: 'passed', message }];
const warning = (code: string, message: string, hint: string): Finding[] => [
  { code, outcome: 'warning', message, hint },
];
const failed = (code: string, message: string, hint: string): Finding[] => [
  { code, outcome: 'failed', message, hint },
];

/** Older servers have no crash-safe RENAME of several tables, on which the cutover rests. */
const OLDEST = { mariadb: [10, 6], mysql: [8, 0] } as const;

function checkVersions({ source, target }: CheckInput): Finding[] {
  const ends = [
    ['source', source.server],
    ['target', target.server],
  ] as const;
  return ends.flatMap(([end, server]) => {
    const oldest = OLDEST[server.flavour];
    const [major = 0, minor = 0] = server.version.split('.').map(part => Number.parseInt(part, 10));
    const tooOld = major < oldest[0] || (major === oldest[0] && minor < oldest[1]);
    if (!tooOld) return passed('server_version', `The ${end} runs ${server.version}.`);
    const message = `The ${end} runs ${server.version}; ${oldest.join('.')} is the oldest that was tried.`;
    if (end === 'source')
      return warning(
        'server_version',
        message,
        'Reading mostly works; try one site first with --include-sites.',
      );
    return failed(
      'server_version',
      message,
      'Its RENAME TABLE is not crash-safe: upgrade the target server.',
    );
  });
}

/** Some servers take names that differ only by case for one. */
const foldName = (name: string, { lowerCaseTableNames }: ServerFacts): string =>
  lowerCaseTableNames === 0 ? name : name.toLowerCase();

function checkTargetDatabases({ plan, target }: CheckInput): Finding[] {
  const { database, staging, previous, environment } = plan.target;
  const names = new Set([database, staging, previous].map(name => foldName(name, target.server)));
  if (names.size === 3) return [];
  return failed(
    'databases_clash',
    `"name", "staging" and "previous" of ${environment} are not three databases to its server, which doesn't tell ${database}, ${staging} and ${previous} apart.`,
    `Set environments.${environment}.database.staging and .previous to names of their own.`,
  );
}

function checkConnections({ source, target }: CheckInput): Finding[] {
  return [
    ...checkConnection("The source's", source.server),
    ...checkConnection("The target's", target.server),
  ];
}

function checkDifferentDatabases({ plan, source, sameServer }: CheckInput): Finding[] {
  if (!sameServer) return passed('different_databases', 'Source and target are different servers.');
  const clash = [plan.target.database, plan.target.staging, plan.target.previous].find(
    name => foldName(name, source.server) === foldName(plan.source.database, source.server),
  );
  if (clash === undefined)
    return passed('different_databases', 'Source and target are two databases of one server.');
  return failed(
    'same_database',
    `Source "${plan.source.environment}" and target "${plan.target.environment}" share the database ${clash} on the same server.`,
    'Check host, port and database name of both environments in the configuration file.',
  );
}

function checkProtection({ plan, protectedTarget, confirmed }: CheckInput): Finding[] {
  const name = plan.target.environment;
  if (!protectedTarget) return passed('protection', `The target "${name}" is not protected.`);
  if (confirmed === name)
    return passed('protection', `The target "${name}" is protected, and was confirmed by name.`);
  return failed(
    'protected_target',
    `The target "${name}" is protected.`,
    `If you mean it: --confirm ${name}`,
  );
}

function checkSourceNetwork({ plan, source }: CheckInput): Finding[] {
  const table = `${plan.source.tablePrefix}blogs`;
  if (source.blogs && source.blogs.length > 0)
    return passed('source_network', `The source has ${source.blogs.length} sites in ${table}.`);
  const problem = source.blogs
    ? `${plan.source.database}.${table} is empty`
    : `${plan.source.database} has no table ${table}`;
  return failed(
    'no_network',
    `No multisite network at the source: ${problem}.`,
    'Check database name and tablePrefix of the source environment.',
  );
}

function checkSourceRights({ plan, source }: CheckInput): Finding[] {
  return checkRights('source', source.server, plan.source.database, SOURCE_RIGHTS, nameGrants(plan));
}

function checkTargetRights({ plan, target, protectedTarget, confirmed }: CheckInput): Finding[] {
  const { environment, database, staging, previous } = plan.target;
  // That the rights lack may be what saves it.
  const hint =
    protectedTarget && confirmed !== environment
      ? `It is protected. Did you mean ${environment} → ${plan.source.environment}?`
      : nameGrants(plan);
  return [
    ...checkRights('target', target.server, database, TARGET_RIGHTS.live, hint),
    ...checkRights('target', target.server, staging, TARGET_RIGHTS.staging, hint),
    ...checkRights('target', target.server, previous, TARGET_RIGHTS.previous, hint),
  ];
}

const nameGrants = ({ source, target }: Plan): string =>
  `The statements to give them: wfuwp config grants ${source.environment} ${target.environment}`;

function checkRights(
  end: 'source' | 'target',
  server: ServerFacts,
  database: string,
  needed: readonly string[],
  hint: string,
): Finding[] {
  const missing = missingPrivileges(server.grants, database, needed);
  if (missing.length === 0)
    return passed(`${end}_rights`, `The ${end}'s user has the rights it needs on ${database}.`);
  if (server.grants.some(grant => grant.isRole)) {
    return warning(
      `${end}_rights`,
      `The ${end}'s user may lack ${missing.join(', ')} on ${database}; its roles can't be looked into.`,
      hint,
    );
  }
  return failed(`${end}_rights`, `The ${end}'s user lacks ${missing.join(', ')} on ${database}.`, hint);
}

function checkTargetWritable({ target }: CheckInput): Finding[] {
  if (!target.server.readOnly) return passed('target_writable', 'The target server takes writes.');
  return failed(
    'target_read_only',
    'The target server is read_only.',
    'It may be a replica: name the primary in the configuration file.',
  );
}

/** What no session of ours can change, and so the plan has to say. */
function checkSession({ target: { server } }: CheckInput): Finding[] {
  return server.unsettled.flatMap(({ name, value, wanted, meaning }) => {
    const message = `The target's server has ${name} = ${value}, and its user may not change that: ${meaning}.`;
    const hint = `SET GLOBAL ${name} = ${wanted || 'NULL'} on the target for as long as the run takes, or let its user set it.`;
    // The lease is of use only in a table with transactions.
    if (name === 'enforce_storage_engine' && !server.engines.has('innodb'))
      return failed('unsettled_variable', message, hint);
    return warning('unsettled_variable', message, hint);
  });
}

function checkStagingDatabases({ plan, target }: CheckInput): Finding[] {
  return [plan.target.staging, plan.target.previous].flatMap(name =>
    passed(
      'databases',
      target.server.databases.has(name) ? `Database ${name} is there.` : `Database ${name} will be made.`,
    ),
  );
}

function checkStrangers({ plan, target: { records } }: CheckInput): Finding[] {
  if (!records) return [];
  const found = explainStrangers(plan.target, records.strangers);
  if (found.length > 0) return found;
  if (!records.hasOldRecords)
    return passed('foreign_tables', 'Nobody else has tables where copies are built and kept.');
  return warning(
    'old_records',
    `What runs of version 0.1.0 keep in ${plan.target.previous} is known by its names alone.`,
    'Nothing to do: this run writes down what it keeps.',
  );
}

function checkTableNameCase({ plan, source, target }: CheckInput): Finding[] {
  // The hazard says the same, and more.
  if (plan.hazards.some(({ code }) => code === 'table_name_case')) return [];
  if (source.server.lowerCaseTableNames !== 0 || target.server.lowerCaseTableNames === 0)
    return passed('table_name_case', 'Table names keep their case.');
  return warning(
    'table_name_case',
    "The target's server doesn't tell table names apart by letter case, and writes those with capitals as it does.",
    'Nothing to do. A server that tells them apart would not find them again under their old names.',
  );
}

function checkLoadMethod({ target: { server } }: CheckInput): Finding[] {
  if (server.localInfile) return passed('load_method', 'The target takes LOAD DATA LOCAL.');
  return warning(
    'local_infile_off',
    `The target has local_infile off: a row larger than its max_allowed_packet would fail its site${server.takesBulk ? '' : ', and rows are sent as INSERT statements, which is a little slower'}.`,
    'SET GLOBAL local_infile = 1 on the target.',
  );
}

function checkCopiesInside({ plan, sameServer }: CheckInput): Finding[] {
  if (!sameServer) return [];
  if (plan.target.copiesInside)
    return passed('copies_inside', 'Rows without a source host are copied inside the server.');
  const { database } = plan.source;
  return warning(
    'no_copies_inside',
    `The target's user can't read ${database}, so all rows travel through this machine, though the server is the same.`,
    `It would be faster if the user of "${plan.target.environment}" could SELECT from ${database}.`,
  );
}

function checkPacketSize({ source, target }: CheckInput): Finding[] {
  if (target.server.maxAllowedPacketBytes >= source.server.maxAllowedPacketBytes) {
    return passed('max_allowed_packet', "The target's max_allowed_packet is at least the source's.");
  }
  return warning(
    'max_allowed_packet',
    `The target's max_allowed_packet (${target.server.maxAllowedPacketBytes}) is below the source's (${source.server.maxAllowedPacketBytes}): a bigger row would fail its site.`,
    'Raise max_allowed_packet on the target.',
  );
}

/** Beside the live tables there must be room for the new ones; indexes are built at the same time. */
const SPACE_FACTOR = 1.3;

async function checkFreeSpace({ plan, target }: CheckInput): Promise<Finding[]> {
  const needed = Math.ceil(plan.totals.sizeBytes * SPACE_FACTOR);
  // Only a server on this machine shows its disk: SQL has no question for it that an ordinary user may ask.
  if (target.server.hostname !== hostname()) {
    return passed(
      'free_space',
      `Free space on the target's disk is unknown from here; about ${toMegabytes(needed)} MB are needed.`,
    );
  }
  const disk = await statfs(target.server.dataDirectory).catch(() => null);
  if (!disk)
    return passed(
      'free_space',
      `Free space on the target's disk is unknown; about ${toMegabytes(needed)} MB are needed.`,
    );
  const free = disk.bavail * disk.bsize;
  if (free >= needed)
    return passed(
      'free_space',
      `The target's disk has ${toMegabytes(free)} MB free; about ${toMegabytes(needed)} are needed.`,
    );
  return failed(
    'no_space',
    `The target's disk has ${toMegabytes(free)} MB free; about ${toMegabytes(needed)} are needed.`,
    `Free space in ${target.server.dataDirectory}, or migrate fewer sites at once with --include-sites.`,
  );
}

const toMegabytes = (bytes: number): number => Math.ceil(bytes / 1_000_000);

function checkHazards({ plan, accept }: CheckInput): Finding[] {
  return plan.hazards.map(hazard => ({
    code: hazard.code,
    outcome: hazard.blocking && !isAccepted(hazard, accept) ? ('failed' as const) : ('warning' as const),
    message: hazard.message,
    ...(hazard.hint === undefined ? {} : { hint: hazard.hint }),
  }));
}

/** Sites can be left out, the network tables can't. */
function isAccepted(hazard: Hazard, accept: readonly string[]): boolean {
  return accept.includes(hazard.code) && !hazard.taskIds?.includes(NETWORK);
}
