import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { migrateFlags, parseTaskList } from '../../cli/migrate-flags.ts';
import { confirm } from '../../cli/prompts.ts';
import { renderRollback } from '../../cli/render-rollback.ts';
import { acceptMovedFlag, configFlag, yesFlag } from '../../cli/shared-flags.ts';
import { drainOnSignals } from '../../cli/signals.ts';
import { warnOfOldRun } from '../../cli/warn-of-old-run.ts';
import { wantsColors } from '../../lib/paint.ts';
import type { RollbackReport } from '../../migration/rollback-report.ts';

export default class Rollback extends BaseCommand {
  static override summary = 'Swap what was live before a run back in: all of it, or some sites.';
  static override description =
    'Each site goes back by one atomic RENAME: its new tables leave, its previous ones come back, and the new ones are ' +
    'dropped. A site that was new to the target is removed again. Without --sites all sites and the network tables go ' +
    'back. A site that a later run has migrated again, or whose previous tables were removed, is refused. Lists first ' +
    'what it would do. When it was broken off, the same command ends it.';
  static override examples = [
    { description: 'All of a run', command: '<%= config.bin %> <%= command.id %> abc123' },
    {
      description: 'Two sites, unattended',
      command: '<%= config.bin %> <%= command.id %> abc123 --sites 4,43 --yes',
    },
    {
      description: 'The network tables only',
      command: '<%= config.bin %> <%= command.id %> abc123 --sites network',
    },
  ];
  static override args = {
    id: Args.string({ description: 'Id of the run, or its unique ending.', required: true }),
  };
  static override flags = {
    sites: Flags.string({ summary: 'Only these sites, or the network tables.', helpValue: 'network,4,43' }),
    yes: yesFlag,
    confirm: migrateFlags.confirm,
    accept: acceptMovedFlag,
    'log-dir': migrateFlags['log-dir'],
    config: configFlag,
  };

  async run(): Promise<RollbackReport> {
    const { args, flags } = await this.parse(Rollback);
    const taskIds = flags.sites === undefined ? null : parseTaskList(flags.sites, '--sites');
    const config = await this.loadConfig(flags.config);
    const { prepareRollback, rollBackRun } = await import('../../runtime/roll-back.ts');
    const { id } = args;
    const options = {
      id,
      taskIds,
      logDir: flags['log-dir'],
      confirmed: flags.confirm ?? null,
      accept: flags.accept ?? [],
    };
    const prepared = await prepareRollback(config, options);
    if (prepared.run.isOld) this.say(warnOfOldRun(prepared.run.plan.migrationId));
    const isIdle = prepared.report.units.every(unit => unit.status !== 'to_roll_back');
    if (!flags.yes && !isIdle && !(await this.approves(prepared.report))) return prepared.report;
    using drain = drainOnSignals();
    const { report, exit } = await rollBackRun(prepared, drain.signal, this.progressStream(), this.say);
    this.show(report);
    this.endWith(exit);
    return report;
  }

  private async approves(report: RollbackReport): Promise<boolean> {
    this.show(report);
    const approved = await confirm({ message: `Roll back on "${report.target}" now?`, flag: '--yes' });
    if (!approved) this.log('Nothing was changed.');
    return approved;
  }

  private show(report: RollbackReport): void {
    const colors = wantsColors(process.stdout);
    this.print(renderRollback(report, { colors, width: process.stdout.columns ?? 100 }));
  }
}
