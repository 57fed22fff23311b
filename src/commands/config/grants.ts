import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { renderGrants } from '../../cli/render-grants.ts';
import { configFlag } from '../../cli/shared-flags.ts';
import { loadConfig } from '../../config/load-config.ts';
import { isProtected } from '../../config/review-environments.ts';
import { selectEnvironment } from '../../config/select-environment.ts';
import { MigrationError } from '../../errors.ts';
import type { EnvironmentGrants } from '../../migration/grants-report.ts';

export default class ConfigGrants extends BaseCommand {
  static override exitCodes = ['ok', 'bug', 'usage', 'configuration'] as const;
  static override summary =
    'Print the GRANT statements that a migration from one environment to another needs.';
  static override description =
    'SQL to paste on each server, as a user that may give rights. The users are those of the configuration, as the ' +
    'servers know them. Grants nothing itself.';
  static override examples = [
    { description: 'What prod → stg needs', command: '<%= config.bin %> <%= command.id %> prod stg' },
  ];
  static override args = {
    source: Args.string({ description: 'Environment that is copied.', required: true }),
    target: Args.string({ description: 'Environment that is replaced.', required: true }),
  };
  static override flags = {
    config: configFlag,
    offline: Flags.boolean({ summary: "Connect to nothing; the users' hosts are then '%'." }),
    confirm: Flags.string({
      summary: 'Name of the target, where it is protected: it shall be written to.',
      helpValue: 'NAME',
    }),
  };

  async run(): Promise<{ grants: readonly EnvironmentGrants[] }> {
    const { args, flags } = await this.parse(ConfigGrants);
    const config = await loadConfig({ cwd: process.cwd(), env: process.env, path: flags.config });
    const source = selectEnvironment(config, args.source);
    const target = selectEnvironment(config, args.target);
    if (source === target)
      throw new MigrationError('usage', `Source and target are both "${source.name}".`, {
        hint: 'Name two environments.',
      });
    if (isProtected(config, target) && flags.confirm !== target.name)
      throw new MigrationError(
        'preflight_refused',
        `"${target.name}" is protected: nothing shall write to it.`,
        {
          hint: `Did you mean ${target.name} → ${source.name}? If it shall be replaced: --confirm ${target.name}`,
        },
      );
    const { listGrants } = await import('../../runtime/list-grants.ts');
    const grants = await listGrants(source, target, { offline: flags.offline });
    this.print(renderGrants(grants));
    return { grants };
  }
}
