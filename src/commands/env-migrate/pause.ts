import { Args } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { type ControlReport, controlRun } from '../../cli/control-run.ts';
import { migrateFlags } from '../../cli/migrate-flags.ts';
import { renderControl } from '../../cli/render-control.ts';

export default class Pause extends BaseCommand {
  static override exitCodes = ['ok', 'bug', 'usage', 'notFound', 'lost'] as const;
  static override summary = 'Let a running migration start nothing new until it is continued.';
  static override description =
    'Sites in flight finish; the process stays and keeps its locks, so it goes on at once with `continue`. To end the ' +
    'process instead, press Ctrl-C there: that also works while it is paused. Waits up to 10 s until the run says that ' +
    'it obeys.';
  static override examples = [
    { description: 'Hold on', command: '<%= config.bin %> <%= command.id %> abc123' },
    { description: 'And go on', command: '<%= config.bin %> env-migrate continue abc123' },
  ];
  static override args = {
    id: Args.string({ description: 'Id of the run, or its unique ending.', required: true }),
  };
  static override flags = { 'log-dir': migrateFlags['log-dir'] };

  async run(): Promise<ControlReport> {
    const { args, flags } = await this.parse(Pause);
    const report = await controlRun({
      logDir: flags['log-dir'],
      id: args.id,
      change: { startsPaused: true },
    });
    this.print(renderControl(report));
    return report;
  }
}
