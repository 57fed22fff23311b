import { Args } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { type ControlReport, controlRun } from '../../cli/control-run.ts';
import { migrateFlags } from '../../cli/migrate-flags.ts';
import { renderControl } from '../../cli/render-control.ts';

export default class Continue extends BaseCommand {
  static override exitCodes = ['ok', 'bug', 'usage', 'notFound', 'lost'] as const;
  static override summary = 'Let a running migration that was paused start sites again.';
  static override description =
    'For a run whose process is there, after `pause`. One that has ended goes on with --resume. Waits up to 10 s until ' +
    'the run says that it obeys.';
  static override examples = [
    { description: 'Go on', command: '<%= config.bin %> <%= command.id %> abc123' },
    {
      description: 'Go on, more slowly',
      command:
        '<%= config.bin %> env-migrate tune abc123 --concurrency 2 && <%= config.bin %> <%= command.id %> abc123',
    },
  ];
  static override args = {
    id: Args.string({ description: 'Id of the run, or its unique ending.', required: true }),
  };
  static override flags = { 'log-dir': migrateFlags['log-dir'] };

  async run(): Promise<ControlReport> {
    const { args, flags } = await this.parse(Continue);
    const report = await controlRun({
      logDir: flags['log-dir'],
      id: args.id,
      change: { startsPaused: false },
    });
    this.print(renderControl(report));
    return report;
  }
}
