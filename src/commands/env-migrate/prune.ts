import { Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { migrateFlags } from '../../cli/migrate-flags.ts';
import { confirm } from '../../cli/prompts.ts';
import { findPrunable, pruneRuns } from '../../cli/prune.ts';
import { renderPrune } from '../../cli/render-prune.ts';
import { yesFlag } from '../../cli/shared-flags.ts';
import { wantsColors } from '../../lib/paint.ts';
import type { PruneVerdict } from '../../migration/prune-runs.ts';

interface PruneReport {
  readonly carriedOut: boolean;
  readonly runs: readonly PruneVerdict[];
}

export default class Prune extends BaseCommand {
  static override exitCodes = ['ok', 'bug', 'usage', 'locked', 'interrupted'] as const;
  static override summary = 'Remove old run directories that nobody needs any more.';
  static override description =
    'Lists first, then removes directories of runs that are done: never one that goes on, can be resumed or rolled ' +
    'back, is damaged, or holds files of others. Says of each that stays why. The target is not asked, and nothing ' +
    'there is touched.';
  static override examples = [
    { description: 'See what would go, and decide', command: '<%= config.bin %> <%= command.id %>' },
    {
      description: 'Each month, unattended',
      command: '<%= config.bin %> <%= command.id %> --older-than 30d --keep 10 --yes',
    },
  ];
  static override flags = {
    'older-than': Flags.string({
      summary: 'Only runs that ended longer ago.',
      default: '90d',
      helpValue: '90d',
    }),
    keep: Flags.integer({
      summary: 'So many of each pair of environments stay: the newest.',
      default: 3,
      min: 0,
      helpValue: 'N',
    }),
    yes: yesFlag,
    'log-dir': migrateFlags['log-dir'],
  };

  async run(): Promise<PruneReport> {
    const { flags } = await this.parse(Prune);
    const { 'log-dir': logDir, 'older-than': olderThan, keep } = flags;
    const runs = await findPrunable({ logDir, olderThan, keep });
    const colors = wantsColors(process.stdout);
    this.print(renderPrune(runs, { colors, width: process.stdout.columns ?? 100, now: new Date() }));
    if (runs.every(({ reason }) => reason !== null)) return { carriedOut: false, runs };
    if (!flags.yes && !(await confirm({ message: 'Remove these directories now?', flag: '--yes' }))) {
      this.log('Nothing was changed.');
      return { carriedOut: false, runs };
    }
    const outcome = await pruneRuns(logDir, runs);
    const stayed = outcome.filter(({ reason }, index) => reason !== runs[index]?.reason);
    for (const { id, reason } of stayed) this.log(`${id} stays, as by now ${reason}.`);
    this.log(`Removed ${outcome.filter(({ reason }) => reason === null).length}.`);
    return { carriedOut: true, runs: outcome };
  }
}
