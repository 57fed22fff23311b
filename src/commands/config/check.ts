import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { renderConfigCheck } from '../../cli/render-config-check.ts';
import { configFlag } from '../../cli/shared-flags.ts';
import { type ConfigCheck, checkConfig, type Probes } from '../../config/check-config.ts';
import { loadConfig } from '../../config/load-config.ts';
import type { Config } from '../../config/schema.ts';
import { selectEnvironment } from '../../config/select-environment.ts';
import { createPaint, wantsColors } from '../../lib/paint.ts';

export default class ConfigCheckCommand extends BaseCommand {
  static override exitCodes = ['ok', 'bug', 'usage', 'partial', 'refused', 'configuration'] as const;
  static override summary = 'Check the configuration: the file, the servers, the rights.';
  static override description =
    'Validates the file and shows everything that is wrong in it at once. Then connects to the database of each ' +
    'environment, or of those that are named, and checks credentials and rights. Of two that are named it also finds ' +
    'what a migration from the first to the second would meet. Changes nothing anywhere.';
  static override examples = [
    { description: 'Check the file and all environments', command: '<%= config.bin %> <%= command.id %>' },
    {
      description: 'Check all that a migration prod → stg needs',
      command: '<%= config.bin %> <%= command.id %> prod stg',
    },
    { description: 'Check one environment', command: '<%= config.bin %> <%= command.id %> stg' },
    { description: 'Check only the file', command: '<%= config.bin %> <%= command.id %> --offline' },
  ];
  static override args = {
    environment: Args.string({ description: 'Environments to check; default: all.', multiple: true }),
  };
  static override flags = {
    config: configFlag,
    offline: Flags.boolean({ summary: 'Connect to nothing.' }),
  };

  async run(): Promise<ConfigCheck> {
    const { args, flags } = await this.parse(ConfigCheckCommand);
    const config = await loadConfig({ cwd: process.cwd(), env: process.env, path: flags.config });
    const names = args.environment ?? Object.keys(config.environments);
    const environments = names.map(name => selectEnvironment(config, name));
    const check = await checkConfig(
      config,
      environments,
      flags.offline
        ? undefined
        : await loadProbes(config, names.length === 2 && args.environment !== undefined),
    );
    this.print(renderConfigCheck(check, createPaint(wantsColors(process.stdout))));
    if (check.problems > 0) this.endWith('configuration');
    return check;
  }
}

/** Loaded only when something shall be connected: the driver takes longer to load than all the rest. */
async function loadProbes(config: Config, asPair: boolean): Promise<Probes> {
  const { probeEnvironment, probePair } = await import('../../runtime/probe-environments.ts');
  return {
    environment: environment => probeEnvironment(config, environment),
    ...(asPair ? { pair: (source, target) => probePair(config, source, target) } : {}),
  };
}
