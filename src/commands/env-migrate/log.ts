import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { watchReader } from '../../cli/follow-log.ts';
import { migrateFlags } from '../../cli/migrate-flags.ts';
import { LEVELS, openLog } from '../../cli/read-log.ts';
import { createLogRenderer } from '../../cli/render-log.ts';
import { drainOnSignals } from '../../cli/signals.ts';
import { wantsColors } from '../../lib/paint.ts';
import type { Recorded } from '../../migration/events.ts';

export default class EnvMigrateLog extends BaseCommand {
  static override exitCodes = ['ok', 'bug', 'usage', 'notFound'] as const;
  static override summary = 'Show what happened in a run, from its journal.';
  static override description = 'The journal as text, oldest event first. Times are UTC.';
  static override examples = [
    {
      description: 'The last 50 events of the newest run',
      command: '<%= config.bin %> <%= command.id %> --last 50',
    },
    { description: 'What went wrong', command: '<%= config.bin %> <%= command.id %> abc123 --level warn' },
    { description: 'What happens now', command: '<%= config.bin %> <%= command.id %> --follow' },
    { description: 'One site, every step', command: '<%= config.bin %> <%= command.id %> abc123 --site 43' },
  ];
  static override args = {
    id: Args.string({ description: 'Id of the run, or its unique ending; default: the newest.' }),
  };
  static override flags = {
    follow: Flags.boolean({
      summary: 'Go on as the run goes on, until it ends or Ctrl-C.',
      exclusive: ['last', 'json'],
    }),
    last: Flags.integer({ summary: 'Only the last events, so many.', helpValue: 'N', min: 1 }),
    level: Flags.option({
      summary: 'Events of this level and graver ones. Default: info; with --site debug.',
      options: LEVELS,
    })(),
    site: Flags.integer({
      summary: 'Only this site; 0 stands for the network tables.',
      helpValue: 'N',
      min: 0,
    }),
    'log-dir': migrateFlags['log-dir'],
  };

  async run(): Promise<{ migrationId: string; lines: readonly Recorded[] }> {
    const { args, flags } = await this.parse(EnvMigrateLog);
    using stop = flags.follow ? drainOnSignals() : null;
    const following = stop
      ? { signal: AbortSignal.any([stop.signal, watchReader(process.stdout)]), say: this.say }
      : undefined;
    const question = {
      logDir: flags['log-dir'],
      id: args.id,
      last: flags.last,
      level: flags.level ?? (flags.site === undefined ? 'info' : 'debug'),
      siteId: flags.site,
    };
    const { migrationId, plan, lines } = await openLog(question, following);
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
