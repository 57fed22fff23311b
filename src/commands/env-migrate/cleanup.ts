import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { migrateFlags } from '../../cli/migrate-flags.ts';
import { confirm } from '../../cli/prompts.ts';
import { renderCleanup } from '../../cli/render-cleanup.ts';
import { acceptMovedFlag, configFlag, yesFlag } from '../../cli/shared-flags.ts';
import { drainOnSignals } from '../../cli/signals.ts';
import { warnOfOldRun } from '../../cli/warn-of-old-run.ts';
import { wantsColors } from '../../lib/paint.ts';
import type { CleanupReport } from '../../migration/cleanup-report.ts';

export default class Cleanup extends BaseCommand {
  static override exitCodes = [
    'ok',
    'bug',
    'usage',
    'refused',
    'notFound',
    'locked',
    'configuration',
    'lost',
    'interrupted',
  ] as const;
  static override summary = 'Remove what a run has made on its target and no longer needs.';
  static override description =
    'Lists first, then removes exactly that: the previous tables that the run keeps, so that it can no longer be rolled ' +
    'back; copies that it has left unfinished; tables that a crash kept from being dropped. Of a run that is not ' +
    'finished (paused, failed, interrupted) the previous tables stay, and what a resume would use again is copied anew ' +
    'then. Nothing of another run is touched. When it was broken off, the same command ends it. With --close a run that ' +
    'is not finished is given up as it stands: what is migrated stays, the rest is not done, and it is not resumed any more.';
  static override examples = [
    { description: 'See what would go, and decide', command: '<%= config.bin %> <%= command.id %> abc123' },
    {
      description: 'Give up a run that a later one has replaced',
      command: '<%= config.bin %> <%= command.id %> abc123 --close',
    },
    { description: 'Unattended', command: '<%= config.bin %> <%= command.id %> abc123 --yes' },
  ];
  static override args = {
    id: Args.string({ description: 'Id of the run, or its unique ending.', required: true }),
  };
  static override flags = {
    close: Flags.boolean({
      description: 'Give up what the run has left to do: it is not resumed any more.',
      default: false,
    }),
    yes: yesFlag,
    confirm: migrateFlags.confirm,
    accept: acceptMovedFlag,
    'log-dir': migrateFlags['log-dir'],
    config: configFlag,
  };

  async run(): Promise<CleanupReport> {
    const { args, flags } = await this.parse(Cleanup);
    const config = await this.loadConfig(flags.config);
    const { cleanUpRun, isIdle, prepareCleanup } = await import('../../runtime/clean-up.ts');
    const { id } = args;
    const options = {
      id,
      logDir: flags['log-dir'],
      confirmed: flags.confirm ?? null,
      accept: flags.accept ?? [],
      close: flags.close,
    };
    const prepared = await prepareCleanup(config, options);
    if (prepared.run.isOld) this.say(warnOfOldRun(prepared.run.plan.migrationId));
    if (!isIdle(prepared.report) && !flags.yes && !(await this.approves(prepared.report)))
      return prepared.report;
    using drain = drainOnSignals();
    const report = await cleanUpRun(prepared, drain.signal, this.progressStream(), this.say);
    this.show(report);
    return report;
  }

  private async approves(report: CleanupReport): Promise<boolean> {
    this.show(report);
    const deed = report.closes ? 'Close the run and remove this' : 'Remove this';
    const approved = await confirm({ message: `${deed} from "${report.target}" now?`, flag: '--yes' });
    if (!approved) this.log('Nothing was changed.');
    return approved;
  }

  private show(report: CleanupReport): void {
    const colors = wantsColors(process.stdout);
    this.print(renderCleanup(report, { colors, width: process.stdout.columns ?? 100 }));
  }
}
