// Flags of the predecessor that do nothing, so that a script of that time runs on; each says so in one line, with what
// takes its place.

import { Flags } from '@oclif/core';

/** What is said of each. */
const REPLACEMENTS = {
  'skip-s3': 'media files are not moved by this version',
  'sync-s3':
    'media files are not moved by this version; copy them before or after the run, for example with aws s3 sync',
  'keep-files': 'nothing is written to disk but the run directory, which stays',
  'archive-backups':
    'what was live is kept in the database named by "previous", until: wfuwp env-migrate cleanup ID',
  'show-state-path': 'the summary names the run directory, and so does: wfuwp env-migrate status',
  'ec2-export': 'rows travel from server to server; no machine between them is needed',
  'include-main-site': 'the main site is part of every run, unless --exclude-main-site is given',
  'work-dir': 'nothing is written to disk on the way; the folder of the run directories is --log-dir',
  's3-storage-class': 'nothing is written to S3 by this version',
} as const;

type OldFlag = keyof typeof REPLACEMENTS;

const hidden = (name: OldFlag) =>
  Flags.boolean({ hidden: true, summary: `Of old scripts: ${REPLACEMENTS[name]}.` });
const withValue = (name: OldFlag) =>
  Flags.string({ hidden: true, summary: `Of old scripts: ${REPLACEMENTS[name]}.` });

export const oldFlags = {
  'skip-s3': hidden('skip-s3'),
  'sync-s3': Flags.boolean({
    hidden: true,
    aliases: ['media'],
    summary: `Of old scripts: ${REPLACEMENTS['sync-s3']}.`,
  }),
  'keep-files': hidden('keep-files'),
  'archive-backups': hidden('archive-backups'),
  'show-state-path': hidden('show-state-path'),
  'ec2-export': hidden('ec2-export'),
  'include-main-site': hidden('include-main-site'),
  'work-dir': withValue('work-dir'),
  's3-storage-class': withValue('s3-storage-class'),
} satisfies Record<OldFlag, unknown>;

/** A line for each that was given. */
export function explainOldFlags(flags: Readonly<Partial<Record<string, unknown>>>): string[] {
  return Object.entries(REPLACEMENTS)
    .filter(([name]) => flags[name] !== undefined && flags[name] !== false)
    .map(([name, text]) => `--${name} does nothing: ${text}.`);
}

const PROOFS = ['counts', 'checksum', 'off'];
const BACKUPS = ['previous', 'new'];

/** What the predecessor let stand with a value and without one, as it is written here. */
export function respell(argv: readonly string[]): string[] {
  return argv.flatMap((word, index) => {
    const next = argv[index + 1] ?? '';
    if (word === '--verify' && !PROOFS.includes(next)) return [`${word}=checksum`];
    return argv[index - 1] === '--archive-backups' && BACKUPS.includes(word) ? [] : [word];
  });
}
