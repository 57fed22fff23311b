import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { migrateFlags, parseTaskList } from '../../cli/migrate-flags.ts';
import { renderVerify } from '../../cli/render-verify.ts';
import { acceptMovedFlag, configFlag } from '../../cli/shared-flags.ts';
import { drainOnSignals } from '../../cli/signals.ts';
import { MigrationError } from '../../errors.ts';
import { wantsColors } from '../../lib/paint.ts';
import type { VerifyReport } from '../../migration/verify-report.ts';

export default class Verify extends BaseCommand {
  static override summary = 'Prove again that a target holds what it should: rows, content, no source host.';
  static override description =
    'With the id of a run, its tables are held against what it has written down when it copied them; the source is not ' +
    'asked. With two environments, every row of the source is read now and rewritten on the way, and the result is held ' +
    'against the target. Either way the target is searched for values that the rules would still change. A table that ' +
    'was written to since then differs as well. Reads only; changes nothing anywhere.';
  static override examples = [
    {
      description: 'Is the target still what the run made of it?',
      command: '<%= config.bin %> <%= command.id %> abc123',
    },
    { description: 'Two sites', command: '<%= config.bin %> <%= command.id %> abc123 --sites 4,43' },
    {
      description: 'Is the target what a migration would make of the source now?',
      command: '<%= config.bin %> <%= command.id %> prod stg',
    },
  ];
  static override args = {
    'id-or-source': Args.string({
      description: 'Id of a run, or its unique ending; or the environment it came from.',
      required: true,
    }),
    target: Args.string({ description: 'With SOURCE: the environment to verify.' }),
  };
  static override flags = {
    sites: Flags.string({ summary: 'Only these sites, or the network tables.', helpValue: 'network,4,43' }),
    concurrency: Flags.integer({
      summary: 'Sites at once; each has a connection to each server.',
      default: 4,
      min: 1,
      max: 64,
      helpValue: 'N',
    }),
    accept: acceptMovedFlag,
    'log-dir': migrateFlags['log-dir'],
    config: configFlag,
  };

  async run(): Promise<VerifyReport> {
    const { args, flags } = await this.parse(Verify);
    const taskIds = flags.sites === undefined ? null : parseTaskList(flags.sites, '--sites');
    const { 'id-or-source': first, target } = args;
    const options = {
      taskIds,
      concurrency: flags.concurrency,
      logDir: flags['log-dir'],
      accept: flags.accept ?? [],
    };
    const config = await this.loadConfig(flags.config);
    if (target === undefined && Object.hasOwn(config.environments, first)) {
      throw new MigrationError('usage', `"${first}" is an environment: name the target as well.`, {
        hint: `wfuwp env-migrate verify ${first} TARGET, or verify ID for a run.`,
      });
    }
    const { preparePairVerification, prepareRunVerification, verify } = await import(
      '../../runtime/verify.ts'
    );
    const prepared =
      target === undefined
        ? await prepareRunVerification(config, first, options)
        : await preparePairVerification(config, { source: first, target }, options);
    using drain = drainOnSignals();
    const report = await verify(prepared, options, drain.signal, this.progressStream());
    const colors = wantsColors(process.stdout);
    this.print(renderVerify(report, { colors, width: process.stdout.columns ?? 100 }));
    if (!report.allProven) this.endWith('partial');
    return report;
  }
}
