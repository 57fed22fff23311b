import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { type ControlReport, controlRun } from '../../cli/control-run.ts';
import { migrateFlags, parseConcurrency } from '../../cli/migrate-flags.ts';
import { renderControl } from '../../cli/render-control.ts';

export default class Tune extends BaseCommand {
  static override exitCodes = ['ok', 'bug', 'usage', 'notFound', 'lost'] as const;
  static override summary = 'Change how many sites a running migration has in flight.';
  static override description =
    'A lower number takes effect as sites finish: none is broken off. auto looks for the level at which no more goes ' +
    'through. Waits up to 10 s until the run says that it obeys. It holds for this process: a resume begins as the run ' +
    'was started, or as its own --concurrency says.';
  static override examples = [
    {
      description: 'The source suffers',
      command: '<%= config.bin %> <%= command.id %> abc123 --concurrency 2',
    },
    {
      description: 'Let it find the level itself',
      command: '<%= config.bin %> <%= command.id %> abc123 --concurrency auto',
    },
  ];
  static override args = {
    id: Args.string({ description: 'Id of the run, or its unique ending.', required: true }),
  };
  static override flags = {
    concurrency: Flags.string({ summary: 'Sites in flight at once.', helpValue: 'N|auto', required: true }),
    'log-dir': migrateFlags['log-dir'],
  };

  async run(): Promise<ControlReport> {
    const { args, flags } = await this.parse(Tune);
    const concurrency = parseConcurrency(flags.concurrency);
    const report = await controlRun({ logDir: flags['log-dir'], id: args.id, change: { concurrency } });
    this.print(renderControl(report));
    return report;
  }
}
