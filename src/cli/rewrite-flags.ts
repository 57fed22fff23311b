// The flags of `rewrite`, and what they come to.

import { Flags } from '@oclif/core';
import { MigrationError } from '../errors.ts';
import { pluralize } from '../lib/text.ts';
import { configFlag } from './shared-flags.ts';

export const rewriteFlags = {
  from: Flags.string({
    summary:
      'What to look for: a host, "*.domain", or a text with a scheme, port or path. Repeatable, each with its --to.',
    helpValue: 'TEXT',
    helpGroup: 'RULES',
    multiple: true,
    multipleNonGreedy: true,
  }),
  to: Flags.string({
    summary: 'What that becomes: the first --to belongs to the first --from, and so on.',
    helpValue: 'TEXT',
    helpGroup: 'RULES',
    multiple: true,
    multipleNonGreedy: true,
  }),
  source: Flags.string({
    summary:
      'Instead of pairs: hosts of this environment of the configuration become those of --target, by role.',
    helpValue: 'ENV',
    helpGroup: 'RULES',
  }),
  target: Flags.string({
    summary: 'The other environment. The rewrite.pairs of the configuration apply as well.',
    helpValue: 'ENV',
    helpGroup: 'RULES',
  }),
  emails: Flags.option({
    summary: 'E-mail addresses at a host that is rewritten. Default: leave, or what the configuration says.',
    options: ['leave', 'rewrite'] as const,
    helpGroup: 'RULES',
  })(),
  config: configFlag,
  lines: Flags.boolean({ summary: 'Each line is a value of its own. The input may be of any length.' }),
  explain: Flags.boolean({ summary: 'Show on stderr each match, where it lies and what decided it.' }),
};

export interface RewriteFlags {
  readonly from?: readonly string[] | undefined;
  readonly to?: readonly string[] | undefined;
  readonly source?: string | undefined;
  readonly target?: string | undefined;
  readonly emails?: 'leave' | 'rewrite' | undefined;
  readonly config?: string | undefined;
  readonly lines: boolean;
  readonly explain: boolean;
}

/** Where the rules come from. */
export type RuleChoice =
  | { readonly kind: 'pairs'; readonly pairs: { readonly from: string; readonly to: string }[] }
  | { readonly kind: 'environments'; readonly source: string; readonly target: string };

/** Fails with `usage` unless there is exactly one of the two forms, and it is whole. */
export function chooseRules({
  from = [],
  to = [],
  source,
  target,
}: Pick<RewriteFlags, 'from' | 'to' | 'source' | 'target'>): RuleChoice {
  const hasPairs = from.length > 0 || to.length > 0;
  const hasEnvironments = source !== undefined || target !== undefined;
  if (hasPairs && hasEnvironments) {
    throw new MigrationError(
      'usage',
      'Rules come from --from and --to, or from --source and --target; not from both.',
      {
        hint: 'To add a pair to those of the configuration, write it there, under rewrite.pairs.',
      },
    );
  }
  if (hasPairs) return { kind: 'pairs', pairs: pairUp(from, to) };
  if (source !== undefined && target !== undefined) {
    if (source !== target) return { kind: 'environments', source, target };
    throw new MigrationError('usage', `--source and --target are both "${source}": nothing would change.`);
  }
  if (hasEnvironments) {
    const missing = source === undefined ? '--source' : '--target';
    throw new MigrationError(
      'usage',
      `${missing} is missing: hosts of the source become those of the target.`,
      {
        hint: 'For example: wfuwp rewrite --source prod --target stg',
      },
    );
  }
  throw new MigrationError('usage', 'Say what becomes what.', {
    hint: [
      'For example: wfuwp rewrite --from www.example.edu --to stg.example.edu',
      'Or, with the hosts of the configuration: wfuwp rewrite --source prod --target stg',
    ],
  });
}

/** A rule that can't be used is a matter of the configuration; one from the command line is not. */
export function blamePairs(error: unknown): unknown {
  if (!(error instanceof MigrationError) || error.code !== 'config_invalid') return error;
  const { lines, details } = error;
  return new MigrationError('usage', lines, { details, hint: 'What a rule may be: wfuwp rewrite --help' });
}

function pairUp(from: readonly string[], to: readonly string[]): { from: string; to: string }[] {
  if (from.length === to.length) return from.map((text, index) => ({ from: text, to: to[index]! }));
  const lonely = from.length > to.length ? `--from ${from[to.length]}` : `--to ${to[from.length]}`;
  throw new MigrationError(
    'usage',
    `Each --from needs its --to: here are ${pluralize(from.length, '--from', '--from')} and ${to.length} --to. ("${lonely}" has no partner.)`,
    {
      hint: 'For example: wfuwp rewrite --from www.example.edu --to stg.example.edu --from cdn.example.edu --to cdn.stg.example.edu',
    },
  );
}
