import { Args } from '@oclif/core';
import { approve } from '../../cli/approve.ts';
import { BaseCommand } from '../../cli/base-command.ts';
import { chooseStart, lookBack } from '../../cli/choose-start.ts';
import { migrateFlags, toPolicy, toPolicyChange, toSelection } from '../../cli/migrate-flags.ts';
import { explainOldFlags, respell } from '../../cli/old-flags.ts';
import { refuseUnknownCodes } from '../../cli/refuse-unknown-codes.ts';
import { renderPlan, renderPlanVerdict } from '../../cli/render-plan.ts';
import { renderRunList } from '../../cli/render-run-list.ts';
import { renderSummary } from '../../cli/render-summary.ts';
import { readRunList } from '../../cli/run-list.ts';
import { describeEnding, describePlace } from '../../cli/run-words.ts';
import { configFlag } from '../../cli/shared-flags.ts';
import { drainOnSignals } from '../../cli/signals.ts';
import { warnOfOldRun } from '../../cli/warn-of-old-run.ts';
import { MigrationError } from '../../errors.ts';
import { passKillPoint } from '../../lib/kill-points.ts';
import { wantsColors } from '../../lib/paint.ts';
import { type Ended, migrate, refuseOnFailures } from '../../migrate.ts';
import type { ResumeChoice } from '../../migration/remaining-work.ts';
import type { FinishedRun } from '../../runtime/finish-files.ts';
import type { PreparedRun, ResumeOptions } from '../../runtime.ts';

type Flags = Awaited<ReturnType<EnvMigrate['read']>>['flags'];

interface Reported extends Ended {
  /** Its summary has been written. */
  readonly isSaved: boolean;
}

export default class EnvMigrate extends BaseCommand {
  static override exitCodes = [
    'ok',
    'bug',
    'usage',
    'partial',
    'refused',
    'notFound',
    'locked',
    'configuration',
    'lost',
    'interrupted',
  ] as const;
  static override usage = [
    '<%= command.id %> SOURCE TARGET [flags]',
    '<%= command.id %> --resume ID [flags]',
  ];
  static override summary = 'Move a whole WordPress multisite network from one environment to another.';
  static override description =
    'Plans first. Then every site is built beside the live one, rewritten as it lands, verified, and swapped in by one ' +
    'atomic RENAME; the tables that were live are kept. The source is only ever read. A run that was killed, ' +
    'interrupted or left sites behind goes on with --resume.';
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
    {
      description: 'Runs that want something of you',
      command: '<%= config.bin %> <%= command.id %> --list-migrations',
    },
    {
      description: 'Once more, what failed',
      command: '<%= config.bin %> <%= command.id %> --resume abc123 --retry-failed',
    },
  ];
  static override args = {
    source: Args.string({ description: 'Environment to read from.' }),
    target: Args.string({ description: 'Environment to write to.' }),
  };
  static override flags = { config: configFlag, ...migrateFlags };

  async run(): Promise<unknown> {
    const { args, flags, given } = await this.read();
    if (flags['list-migrations']) return this.showRuns(flags['log-dir']);
    const finished = await this.finish(flags);
    if (finished) return this.report({ ...finished, isSaved: true }, finished, flags);
    const prepared = await this.prepare(args, flags, given);
    if (!prepared) return { started: false };
    if (prepared.isOld) this.logToStderr(warnOfOldRun(prepared.plan.migrationId));
    if (flags['dry-run']) {
      this.showPlan(prepared);
      this.print(renderPlanVerdict(prepared, this.page()));
      if (flags['only-changed']) {
        this.log();
        this.log('With --only-changed the run itself finds out which of these sites have changed.');
      }
      if (prepared.findings.some(finding => finding.outcome === 'failed')) this.endWith('refused');
      const { plan, findings, siteIds, expected } = prepared;
      return { plan, findings, siteIds, expected };
    }
    refuseOnFailures(prepared.findings);
    const isPlanRead = !flags.yes;
    if (prepared.isChosen) this.showPlan(prepared);
    else if (isPlanRead && !(await this.approves(prepared))) return { started: false };
    return this.report(await this.carryOut(prepared, isPlanRead), prepared, flags);
  }

  private async read() {
    const { args, flags, metadata } = await this.parse(EnvMigrate, respell(this.argv));
    refuseUnknownCodes(flags.accept);
    for (const line of explainOldFlags(flags)) this.logToStderr(line);
    const given = (flag: string): boolean => flag in flags && metadata.flags[flag]?.setFromDefault !== true;
    return { args, flags, given };
  }

  /** A run to resume that has ended, and died before it could write down how. */
  private async finish(flags: Flags): Promise<FinishedRun | null> {
    if (flags.resume === undefined || flags['dry-run']) return null;
    const { finishRun } = await import('../../runtime/finish-files.ts');
    const finished = await finishRun(flags['log-dir'], flags.resume, toChoice(flags));
    if (finished)
      this.logToStderr(`${finished.plan.migrationId} had ended already; only its summary was missing.`);
    return finished;
  }

  /** A new run or a resumed one; null when the user chose neither. `isChosen`: a person has just said so. */
  private async prepare(
    { source, target }: { source: string | undefined; target: string | undefined },
    flags: Flags,
    given: (flag: string) => boolean,
  ): Promise<(PreparedRun & { readonly isChosen?: true }) | null> {
    const config = await this.loadConfig(flags.config);
    const { prepareResume, prepareRun } = await import('../../runtime.ts');
    const resume = (id: string, choice: ResumeChoice): Promise<PreparedRun> => {
      const options: ResumeOptions = {
        id,
        choice,
        logDir: flags['log-dir'],
        accept: flags.accept ?? [],
        confirmed: flags.confirm ?? null,
        policy: toPolicyChange(flags, given),
      };
      return prepareResume(config, options);
    };
    if (flags.resume !== undefined) return resume(flags.resume, toChoice(flags));
    if (source === undefined || target === undefined) {
      throw new MigrationError('usage', 'Name the environments: SOURCE and TARGET.', {
        hint: 'See: wfuwp env-migrate --help',
      });
    }
    const unfinished = await lookBack(flags['log-dir'], { source, target, confirmed: flags.confirm ?? null });
    const earlier = flags['dry-run'] ? null : unfinished;
    if (earlier && !flags.yes) {
      const start = await chooseStart(earlier, text => this.log(text));
      if (start === 'leave') return null;
      if (start !== 'anew') {
        const choice = { skipFailed: false, skipTimeouts: false, retryFailed: start === 'retry' };
        return { ...(await resume(earlier.id, choice)), isChosen: true };
      }
    }
    if (earlier && flags.yes) this.logToStderr(`Starting anew; ${earlier.id} is not finished.`);
    return prepareRun(config, {
      source,
      target,
      selection: toSelection(flags),
      policy: toPolicy(flags),
      networkOnly: flags['network-only'],
      sitesOnly: flags['sites-only'],
      targetOnlySites: flags['target-only-sites'],
      accept: flags.accept ?? [],
      confirmed: flags.confirm ?? null,
      logDir: flags['log-dir'],
    });
  }

  private async showRuns(logDir: string): Promise<unknown> {
    const runs = await readRunList(logDir);
    this.print(renderRunList(runs, { ...this.page(), now: new Date() }));
    return { runs };
  }

  private async approves(prepared: PreparedRun): Promise<boolean> {
    this.showPlan(prepared);
    const approved = await approve(prepared);
    if (!approved) this.log('Nothing was changed.');
    return approved;
  }

  private async carryOut(prepared: PreparedRun, isPlanRead: boolean): Promise<Reported> {
    using drain = drainOnSignals();
    const { openRun } = await import('../../runtime.ts');
    const stream = this.progressStream();
    await using run = await openRun(prepared, drain.signal, stream && { stream, isPlanRead }, this.say);
    this.say(describePlace(prepared.plan.migrationId, prepared.directory.path));
    const ended = await migrate(run.context);
    passKillPoint('before summary');
    // The journal has it all: what could not be written here must not hide how the run has ended.
    try {
      await run.writeSummary(ended.summary);
      return { ...ended, isSaved: true };
    } catch (error) {
      this.logToStderr(`migration-summary.json could not be written: ${(error as Error).message}`);
      return { ...ended, exit: ended.exit === 'ok' ? 'partial' : ended.exit, isSaved: false };
    }
  }

  private report(
    { summary, exit, error, isSaved }: Reported,
    { plan, directory }: Pick<PreparedRun, 'plan' | 'directory'>,
    { verbose }: Pick<Flags, 'verbose'>,
  ): unknown {
    const runDirectory = directory.path;
    this.print(renderSummary(summary, { ...this.page(), runDirectory, isSaved, verbose }));
    this.endWith(exit);
    return {
      ...summary,
      planDigest: plan.digest,
      runDirectory: directory.path,
      exit,
      ...(error ? { error: describeEnding(error, plan.migrationId) } : {}),
    };
  }

  private showPlan({ plan, findings, expected, resumed, siteIds }: PreparedRun): void {
    const left = resumed ? { left: siteIds } : {};
    this.print(renderPlan(plan, { ...this.page(), findings, expected, ...left }));
  }

  private page(): { colors: boolean; width: number } {
    const colors = wantsColors(process.stdout);
    return { colors, width: process.stdout.columns ?? 100 };
  }
}

function toChoice(flags: {
  'skip-failed': boolean;
  'skip-timeouts': boolean;
  'retry-failed': boolean;
}): ResumeChoice {
  return {
    skipFailed: flags['skip-failed'],
    skipTimeouts: flags['skip-timeouts'],
    retryFailed: flags['retry-failed'],
  };
}
