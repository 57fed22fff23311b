import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { migrateFlags, parseTask } from '../../cli/migrate-flags.ts';
import { LEVELS, openLog } from '../../cli/read-log.ts';
import { createLogRenderer } from '../../cli/render-log.ts';
import { wantsColors } from '../../lib/paint.ts';
import type { Recorded } from '../../migration/events.ts';

export default class EnvMigrateLog extends BaseCommand {
  static override summary = 'Show what happened in a run, from its journal.';
  static override description = 'The journal as text, oldest event first. Times are UTC.';
  static override examples = [
    {
      description: 'The last 50 events of the newest run',
      command: '<%= config.bin %> <%= command.id %> --last 50',
    },
    { description: 'What went wrong', command: '<%= config.bin %> <%= command.id %> abc123 --level warn' },
    { description: 'One site, every step', command: '<%= config.bin %> <%= command.id %> abc123 --site 43' },
  ];
  static override args = {
    id: Args.string({ description: 'Id of the run, or its unique ending; default: the newest.' }),
  };
  static override flags = {
    last: Flags.integer({ summary: 'Only the last events, so many.', helpValue: 'N', min: 1 }),
    level: Flags.option({
      summary: 'Events of this level and graver ones. Default: info; with --site debug.',
      options: LEVELS,
    })(),
    site: Flags.string({ summary: 'Only this site, or the network tables.', helpValue: 'N|network' }),
    'log-dir': migrateFlags['log-dir'],
  };

  async run(): Promise<{ migrationId: string; lines: readonly Recorded[] }> {
    const { args, flags } = await this.parse(EnvMigrateLog);
    const { migrationId, plan, lines } = await openLog({
      logDir: flags['log-dir'],
      id: args.id,
      last: flags.last,
      level: flags.level ?? (flags.site === undefined ? 'info' : 'debug'),
      taskId: flags.site === undefined ? undefined : parseTask(flags.site, '--site'),
    });
    const colors = wantsColors(process.stdout);
    const render = createLogRenderer(plan, { colors });
    // The text goes out line by line: a journal may be bigger than the memory.
    const kept: Recorded[] = [];
    for await (const line of lines) {
      if (this.jsonEnabled()) kept.push(line);
      else this.print(render(line));
    }
    return { migrationId, lines: kept };
  }
}
