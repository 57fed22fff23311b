import { Args } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { renderSettingList, renderSettings } from '../../cli/render-settings.ts';
import { clampWidth } from '../../cli/text-blocks.ts';
import { findSettings, guessSetting, listSettings, type Setting } from '../../config/list-settings.ts';
import { MigrationError } from '../../errors.ts';
import { createPaint, wantsColors } from '../../lib/paint.ts';

interface ExplainResult {
  readonly settings: readonly Setting[];
}

export default class ConfigExplain extends BaseCommand {
  static override exitCodes = ['ok', 'bug', 'usage'] as const;
  static override summary = 'Explain the settings of the configuration file.';
  static override description =
    'Without KEY it lists every setting. KEY is a whole key or the end of one. What docs/CONFIGURATION.md says is the same.';
  static override examples = [
    { description: 'List every setting', command: '<%= config.bin %> <%= command.id %>' },
    {
      description: 'Explain one',
      command: '<%= config.bin %> <%= command.id %> environments.prod.database.tls',
    },
    { description: 'Explain all of a name', command: '<%= config.bin %> <%= command.id %> timeoutMs' },
  ];
  static override args = {
    key: Args.string({ description: 'Setting, as environments.prod.protected, or the end of its key.' }),
  };

  async run(): Promise<ExplainResult> {
    const { args } = await this.parse(ConfigExplain);
    const all = listSettings();
    const paint = createPaint(wantsColors(process.stdout));
    if (args.key === undefined) {
      this.print(renderSettingList(all, paint));
      return { settings: all };
    }
    const settings = findSettings(all, args.key);
    if (settings.length === 0) throw refuseUnknown(args.key, guessSetting(all, args.key));
    this.print(renderSettings(settings, all, { width: clampWidth(process.stdout.columns ?? 0), paint }));
    return { settings };
  }
}

function refuseUnknown(key: string, guess: string | undefined): MigrationError {
  const question = guess === undefined ? '' : ` Did you mean "${guess}"?`;
  return new MigrationError('usage', `There is no setting "${key}".${question}`, {
    hint: 'List all of them with: wfuwp config explain',
  });
}
