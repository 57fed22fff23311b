import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { migrateFlags, parseTask } from '../../cli/migrate-flags.ts';
import { renderStatus } from '../../cli/render-status.ts';
import { drainOnSignals } from '../../cli/signals.ts';
import { createStatusReader, type StatusReport } from '../../cli/status-report.ts';
import { watchStatus } from '../../cli/watch-status.ts';
import { wantsColors } from '../../lib/paint.ts';
import type { Shown } from '../../lib/show-lines.ts';

export default class EnvMigrateStatus extends BaseCommand {
  static override summary = 'Show how a run stands: its phases, its sites, what failed, what to type next.';
  static override description =
    'Reads only files, so it may be asked at any time, also while the run goes on. A run that was broken off is shown ' +
    'as interrupted, and a damaged directory with what is wrong with it.';
  static override examples = [
    { description: 'The newest run', command: '<%= config.bin %> <%= command.id %>' },
    { description: 'One run, by the end of its id', command: '<%= config.bin %> <%= command.id %> abc123' },
    {
      description: 'One site of it, with its steps',
      command: '<%= config.bin %> <%= command.id %> abc123 --site 43',
    },
    { description: 'Watch a run until it ends', command: '<%= config.bin %> <%= command.id %> --watch' },
  ];
  static override args = {
    id: Args.string({ description: 'Id of the run, or its unique ending; default: the newest.' }),
  };
  static override flags = {
    site: Flags.string({ summary: 'Show this site, or the network tables.', helpValue: 'N|network' }),
    watch: Flags.boolean({
      summary: 'Go on until the run ends or Ctrl-C. With --json: wait for its end, then print.',
    }),
    'log-dir': migrateFlags['log-dir'],
  };

  async run(): Promise<StatusReport> {
    const { args, flags } = await this.parse(EnvMigrateStatus);
    const taskId = flags.site === undefined ? undefined : parseTask(flags.site, '--site');
    const read = await createStatusReader({ logDir: flags['log-dir'], id: args.id, taskId });
    const report = flags.watch ? await this.watch(read) : await read();
    this.print(this.render(report));
    if (report.status === 'unknown') this.endWith('notFound');
    return report;
  }

  private async watch(read: () => Promise<StatusReport>): Promise<StatusReport> {
    using stop = drainOnSignals();
    const stream = this.jsonEnabled() ? null : process.stdout;
    return await watchStatus({ read, render: report => this.render(report), stream, signal: stop.signal });
  }

  private render(report: StatusReport): Shown {
    const colors = wantsColors(process.stdout);
    return renderStatus(report, { colors, width: process.stdout.columns ?? 100, now: new Date() });
  }
}
