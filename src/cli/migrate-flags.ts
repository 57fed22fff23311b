// The flags of `env-migrate`, and what they come to. Names are those of the predecessor, so that old scripts work.

import { Flags } from '@oclif/core';
import { MigrationError } from '../errors.ts';
import { type Concurrency, isConcurrency, MOST_CONCURRENCY } from '../migration/concurrency.ts';
import type { FailureLimit, RunPolicy } from '../migration/policy.ts';
import { parseSiteList, type SiteSelection } from '../migration/select-sites.ts';
import { NETWORK } from '../migration/task-ids.ts';
import { oldFlags } from './old-flags.ts';

export const migrateFlags = {
  'dry-run': Flags.boolean({
    helpGroup: 'SAFETY',
    summary: 'Make and print the plan; write nothing anywhere.',
  }),
  yes: Flags.boolean({
    helpGroup: 'SAFETY',
    char: 'y',
    // What the predecessor called it.
    aliases: ['force'],
    charAliases: ['f'],
    summary: 'Ask nothing. A protected target still needs --confirm.',
  }),
  confirm: Flags.string({
    helpGroup: 'SAFETY',
    summary: 'Name of a protected target that you mean to write to.',
    helpValue: 'NAME',
  }),
  accept: Flags.string({
    helpGroup: 'SAFETY',
    summary: 'Blocking hazard to accept: its sites are left out.',
    helpValue: 'CODE',
    multipleNonGreedy: true,
    multiple: true,
  }),
  'include-sites': Flags.string({
    helpGroup: 'SITES',
    summary: 'Only these sites.',
    helpValue: '2,5,10-20',
    exclusive: ['exclude-sites'],
  }),
  'exclude-sites': Flags.string({
    helpGroup: 'SITES',
    summary: 'All but these sites.',
    helpValue: '2,5,10-20',
  }),
  'active-only': Flags.boolean({
    helpGroup: 'SITES',
    summary: 'Leave out archived, spam and deleted sites.',
  }),
  'exclude-main-site': Flags.boolean({ helpGroup: 'SITES', summary: 'Leave out site 1.' }),
  'network-only': Flags.boolean({
    helpGroup: 'SITES',
    summary: 'Only the network tables.',
    exclusive: ['sites-only'],
  }),
  'sites-only': Flags.boolean({ helpGroup: 'SITES', summary: 'Only the sites, not the network tables.' }),
  'target-only-sites': Flags.option({
    helpGroup: 'SITES',
    summary: 'What becomes of sites that only the target has: nothing, or they are archived there.',
    options: ['keep', 'archive'] as const,
    default: 'keep' as const,
    // A site is archived in the network tables.
    exclusive: ['sites-only'],
  })(),
  concurrency: Flags.string({
    helpGroup: 'PACE',
    summary:
      'Sites in flight at once. auto finds the level at which no more goes through, and backs off when the source is in trouble.',
    default: 'auto',
    helpValue: 'N|auto',
  }),
  parallel: Flags.boolean({
    summary: 'Accepted from old scripts; sites always run in parallel.',
    hidden: true,
  }),
  'batch-size': Flags.integer({
    summary: 'Accepted from old scripts; the same as --concurrency.',
    hidden: true,
    min: 1,
    max: MOST_CONCURRENCY,
  }),
  timeout: Flags.string({
    helpGroup: 'PACE',
    summary: 'For one site, in minutes; fractions allowed.',
    default: '20',
    helpValue: 'MINUTES',
  }),
  'stall-timeout': Flags.string({
    helpGroup: 'PACE',
    summary: 'Break off an attempt that has not moved for this long, in minutes.',
    default: '5',
    helpValue: 'MINUTES',
  }),
  'reconnect-timeout': Flags.string({
    helpGroup: 'PACE',
    summary: 'Wait this long for a server that is gone before the run is given up, in minutes.',
    default: '10',
    helpValue: 'MINUTES',
  }),
  'max-retries': Flags.integer({
    helpGroup: 'PACE',
    summary: 'Attempts at a step.',
    default: 3,
    min: 1,
    max: 20,
    helpValue: 'N',
  }),
  'max-failures': Flags.string({
    helpGroup: 'SAFETY',
    summary:
      'Stop starting sites when more have failed: a number, or a share of those finished (from 10 on).',
    default: '50%',
    helpValue: 'N|P%',
  }),
  verify: Flags.option({
    helpGroup: 'PROOF',
    summary: 'How the copy is proved before it goes live.',
    options: ['counts', 'checksum', 'off'] as const,
    default: 'checksum' as const,
  })(),
  'skip-backup': Flags.boolean({
    helpGroup: 'SAFETY',
    summary: "Drop a site's previous tables as soon as it is live; no rollback then.",
  }),
  'auto-rollback': Flags.boolean({
    helpGroup: 'SAFETY',
    summary:
      'Swap back all that the run has cut over when it stops because of --max-failures, or when the target is not healthy after it.',
    exclusive: ['skip-backup'],
  }),
  'health-check': Flags.boolean({
    helpGroup: 'PROOF',
    summary:
      "Probe the target's sites over HTTP, before anything changes and in the end; too many that fail, or are slow, fail the run (see probes in the configuration).",
  }),
  'only-changed': Flags.boolean({
    helpGroup: 'SITES',
    summary: 'Skip every site that is proven to be as the last migration left it, on both sides.',
  }),
  'chunk-bytes': Flags.integer({
    summary: 'Copy tables much larger than this in parts of about this size.',
    hidden: true,
    min: 1,
  }),
  resume: Flags.string({
    summary: 'Go on with a run: its id, or the unique ending of it.',
    helpValue: 'ID',
    helpGroup: 'RESUME',
    exclusive: [
      'include-sites',
      'exclude-sites',
      'network-only',
      'sites-only',
      'active-only',
      'exclude-main-site',
      'target-only-sites',
    ],
  }),
  'skip-failed': Flags.boolean({
    summary: 'Leave sites that failed as they are.',
    helpGroup: 'RESUME',
    dependsOn: ['resume'],
    exclusive: ['retry-failed'],
  }),
  'skip-timeouts': Flags.boolean({
    summary: 'Leave sites that timed out as they are.',
    helpGroup: 'RESUME',
    dependsOn: ['resume'],
    exclusive: ['retry-failed'],
  }),
  'retry-failed': Flags.boolean({
    summary: 'Only the sites that failed or timed out.',
    helpGroup: 'RESUME',
    dependsOn: ['resume'],
  }),
  'list-migrations': Flags.boolean({
    summary: "Show the runs that aren't wholly done, and how to go on with each.",
    helpGroup: 'RESUME',
  }),
  ...oldFlags,
  'log-dir': Flags.string({
    summary: 'Folder for the run directories.',
    default: 'logs',
    env: 'WFUWP_LOG_DIR',
    helpValue: 'DIR',
  }),
};

export interface MigrateFlags {
  readonly 'include-sites'?: string | undefined;
  readonly 'exclude-sites'?: string | undefined;
  readonly 'active-only': boolean;
  readonly 'exclude-main-site': boolean;
  readonly concurrency: string;
  readonly 'batch-size'?: number | undefined;
  readonly timeout: string;
  readonly 'stall-timeout': string;
  readonly 'reconnect-timeout': string;
  readonly 'max-retries': number;
  readonly 'max-failures': string;
  readonly verify: RunPolicy['verify'];
  readonly 'skip-backup': boolean;
  readonly 'auto-rollback': boolean;
  readonly 'health-check': boolean;
  readonly 'only-changed': boolean;
  readonly 'chunk-bytes'?: number | undefined;
}

export function toSelection(flags: MigrateFlags): SiteSelection {
  const { 'include-sites': include, 'exclude-sites': exclude } = flags;
  return {
    include: include === undefined ? null : parseSiteList(include, '--include-sites'),
    exclude: exclude === undefined ? null : parseSiteList(exclude, '--exclude-sites'),
    activeOnly: flags['active-only'],
    excludeMainSite: flags['exclude-main-site'],
  };
}

/** What older versions called the network tables. */
const OLD_NETWORK = '0';

/** `network,4,10-20`: the network tables and sites. */
export function parseTaskList(text: string, flag: string): TaskId[] {
  const parts = text.split(',').map(part => part.trim());
  const isNetwork = (part: string): boolean => part === NETWORK || part === OLD_NETWORK;
  const sites = parts.filter(part => !isNetwork(part));
  const taskIds = sites.length > 0 ? parseSiteList(sites.join(','), flag).map(taskOf) : [];
  return sites.length < parts.length ? [NETWORK, ...taskIds] : taskIds;
}

/** `network` or `4`. */
export function parseTask(text: string, flag: string): TaskId {
  const [taskId, ...more] = parseTaskList(text, flag);
  if (taskId !== undefined && more.length === 0) return taskId;
  throw new MigrationError('usage', `${flag} takes one site, or network; "${text}" names more.`);
}

export function toPolicy(flags: MigrateFlags): RunPolicy {
  return {
    concurrency: flags['batch-size'] ?? parseConcurrency(flags.concurrency),
    timeoutMs: parseMinutes(flags.timeout, '--timeout'),
    stallMs: parseMinutes(flags['stall-timeout'], '--stall-timeout'),
    reconnectMs: parseMinutes(flags['reconnect-timeout'], '--reconnect-timeout'),
    maxRetries: flags['max-retries'],
    maxFailures: parseFailureLimit(flags['max-failures']),
    verify: flags.verify,
    skipBackup: flags['skip-backup'],
    autoRollback: flags['auto-rollback'],
    healthCheck: flags['health-check'],
    onlyChanged: flags['only-changed'],
    ...(flags['chunk-bytes'] === undefined ? {} : { chunkBytes: flags['chunk-bytes'] }),
  };
}

/** What of the policy the command line itself says: a resume keeps the rest as the run was started. */
export function toPolicyChange(
  flags: MigrateFlags,
  isGiven: (flag: keyof MigrateFlags) => boolean,
): Partial<RunPolicy> {
  const full = toPolicy(flags);
  const sources: [keyof RunPolicy, (keyof MigrateFlags)[]][] = [
    ['concurrency', ['concurrency', 'batch-size']],
    ['timeoutMs', ['timeout']],
    ['stallMs', ['stall-timeout']],
    ['reconnectMs', ['reconnect-timeout']],
    ['maxRetries', ['max-retries']],
    ['maxFailures', ['max-failures']],
    ['verify', ['verify']],
    ['skipBackup', ['skip-backup']],
    ['autoRollback', ['auto-rollback']],
    ['healthCheck', ['health-check']],
    ['onlyChanged', ['only-changed']],
    ['chunkBytes', ['chunk-bytes']],
  ];
  return Object.fromEntries(
    sources.filter(([, from]) => from.some(isGiven)).map(([key]) => [key, full[key]]),
  );
}

export function parseConcurrency(text: string): Concurrency {
  const value = /^\d+$/.test(text) ? Number(text) : text;
  if (isConcurrency(value)) return value;
  throw new MigrationError(
    'usage',
    `--concurrency takes a number from 1 to ${MOST_CONCURRENCY}, or auto; "${text}" is neither.`,
  );
}

/** A timer of Node's can't be longer than this; nobody means a site to run for 24 days. */
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

function parseMinutes(text: string, flag: string): number {
  const ms = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 60_000 : 0;
  if (ms >= 1 && ms <= LONGEST_TIMEOUT_MS) return Math.round(ms);
  throw new MigrationError('usage', `${flag} takes minutes such as 20 or 0.5; "${text}" is none.`);
}

function parseFailureLimit(text: string): FailureLimit {
  const match = /^(\d+)(%?)$/.exec(text);
  const value = Number(match?.[1]);
  if (match && !match[2]) return { kind: 'count', count: value };
  if (match && value <= 100) return { kind: 'share', percent: value };
  throw new MigrationError(
    'usage',
    `--max-failures takes a number or a share such as 20 or 50%; "${text}" is neither.`,
  );
}
