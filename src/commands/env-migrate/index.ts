import { Args } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { migrateFlags, toPolicy, toSelection } from '../../cli/migrate-flags.ts';
import { confirm } from '../../cli/prompts.ts';
import { renderPlan } from '../../cli/render-plan.ts';
import { renderSummary } from '../../cli/render-summary.ts';
import { configFlag } from '../../cli/shared-flags.ts';
import { drainOnSignals } from '../../cli/signals.ts';
import { loadConfig } from '../../config/load-config.ts';
import { type Ended, migrate, refuseOnFailures } from '../../migrate.ts';
import type { Plan } from '../../migration/plan.ts';
import type { PreparedRun } from '../../runtime.ts';

export default class EnvMigrate extends BaseCommand {
  static override summary = 'Move a whole WordPress multisite network from one environment to another.';
  static override description =
    'Plans first. Then every site is built beside the live one, rewritten as it lands, verified, and swapped in by one ' +
    'atomic RENAME; the tables that were live are kept. The source is only ever read.';
  static override examples = [
    {
      description: 'See what would happen; nothing is written',
      command: '<%= config.bin %> <%= command.id %> prod stg --dry-run',
    },
    { description: 'Migrate all sites', command: '<%= config.bin %> <%= command.id %> prod stg' },
    {
      description: 'Unattended, two sites only',
      command: '<%= config.bin %> <%= command.id %> prod stg --yes --include-sites 4,43',
    },
  ];
  static override args = {
    source: Args.string({ description: 'Environment to read from.', required: true }),
    target: Args.string({ description: 'Environment to write to.', required: true }),
  };
  static override flags = { config: configFlag, ...migrateFlags };

  async run(): Promise<unknown> {
    const { args, flags } = await this.parse(EnvMigrate);
    const options = {
      ...args,
      selection: toSelection(flags),
      policy: toPolicy(flags),
      networkOnly: flags['network-only'],
      sitesOnly: flags['sites-only'],
      accept: flags.accept,
      confirmed: flags.confirm ?? null,
      logDir: flags['log-dir'],
    };
    const config = await loadConfig({ cwd: process.cwd(), env: process.env, path: flags.config });
    const { prepareRun } = await import('../../runtime.ts');
    const prepared = await prepareRun(config, options);
    if (flags['dry-run']) {
      this.showPlan(prepared);
      return { plan: prepared.plan, findings: prepared.findings };
    }
    refuseOnFailures(prepared.findings);
    if (!flags.force && !(await this.approves(prepared))) return { started: false };
    return this.report(await this.carryOut(prepared), prepared.plan);
  }

  private async approves(prepared: PreparedRun): Promise<boolean> {
    this.showPlan(prepared);
    const approved = await confirm({
      message: `Migrate to "${prepared.plan.target.environment}" now?`,
      flag: '--yes',
    });
    if (!approved) this.log('Nothing was changed.');
    return approved;
  }

  private async carryOut(prepared: PreparedRun): Promise<Ended> {
    using drain = drainOnSignals();
    const { openRun } = await import('../../runtime.ts');
    await using run = await openRun(prepared, drain.signal, this.jsonEnabled() ? null : process.stderr);
    const ended = await migrate(run.context);
    await run.directory.writeSummary(ended.summary);
    return ended;
  }

  private report({ summary, exit, error }: Ended, plan: Plan): unknown {
    this.log(renderSummary(summary, { colors: this.hasColors(), width: process.stdout.columns ?? 100 }));
    this.endWith(exit);
    return {
      ...summary,
      planDigest: plan.digest,
      exit,
      ...(error ? { error: { code: error.code, message: error.message, hint: error.hint } } : {}),
    };
  }

  private showPlan({ plan, findings }: PreparedRun): void {
    this.log(renderPlan(plan, { colors: this.hasColors(), width: process.stdout.columns ?? 100, findings }));
  }

  private hasColors(): boolean {
    return process.stdout.isTTY === true && process.env.NO_COLOR === undefined;
  }
}
