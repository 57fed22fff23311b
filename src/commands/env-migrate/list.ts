import { BaseCommand } from '../../cli/base-command.ts';
import { migrateFlags } from '../../cli/migrate-flags.ts';
import { renderAllRuns } from '../../cli/render-all-runs.ts';
import { readAllRuns } from '../../cli/run-list.ts';
import { wantsColors } from '../../lib/paint.ts';
import type { RunEntry } from '../../migration/read-run.ts';

export default class EnvMigrateList extends BaseCommand {
  static override exitCodes = ['ok', 'bug', 'usage'] as const;
  static override summary = 'List all runs, the newest first.';
  static override description =
    'Reads only files. Those that want something of somebody, with the commands to go on: --list-migrations of env-migrate.';
  static override examples = [
    { description: 'All runs of ./logs', command: '<%= config.bin %> <%= command.id %>' },
    {
      description: 'Of another folder, for a program',
      command: '<%= config.bin %> <%= command.id %> --log-dir /var/log/wfuwp --json',
    },
  ];
  static override flags = { 'log-dir': migrateFlags['log-dir'] };

  async run(): Promise<{ runs: readonly RunEntry[] }> {
    const { flags } = await this.parse(EnvMigrateList);
    const runs = await readAllRuns(flags['log-dir']);
    const colors = wantsColors(process.stdout);
    this.print(renderAllRuns(runs, { colors, width: process.stdout.columns ?? 100, now: new Date() }));
    return { runs };
  }
}
