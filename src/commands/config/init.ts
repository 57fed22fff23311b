import { access, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Flags } from '@oclif/core';
import { askEnvironments } from '../../cli/ask-environments.ts';
import { BaseCommand } from '../../cli/base-command.ts';
import { isInteractive } from '../../cli/prompts.ts';
import { configFlag, yesFlag } from '../../cli/shared-flags.ts';
import { CONFIG_NAMES } from '../../config/find-config.ts';
import { EXAMPLE_ENVIRONMENTS, passwordVariable, renderTemplate } from '../../config/render-template.ts';
import { MigrationError } from '../../errors.ts';

interface InitResult {
  readonly file: string;
  readonly environments: readonly string[];
  /** Environment variables that the file refers to. */
  readonly variables: readonly string[];
}

export default class ConfigInit extends BaseCommand {
  static override summary = 'Write a first configuration file.';
  static override description =
    'On a terminal it asks what it needs to know; else, and with --yes, it writes a commented example to edit.\n' +
    'It never asks for a password: the file refers to environment variables.';
  static override examples = [
    { description: 'Answer a few questions', command: '<%= config.bin %> <%= command.id %>' },
    { description: 'Write an example to edit', command: '<%= config.bin %> <%= command.id %> --yes' },
  ];
  static override flags = {
    config: configFlag,
    yes: yesFlag,
    force: Flags.boolean({ char: 'f', summary: 'Overwrite a file that is already there.' }),
  };

  async run(): Promise<InitResult> {
    const { flags } = await this.parse(ConfigInit);
    const file = resolve(flags.config ?? CONFIG_NAMES[0]);
    await refuseToOverwrite(file, flags.force);

    const wizard = isInteractive() && !flags.yes && !flags.json;
    const environments = wizard ? await askEnvironments() : EXAMPLE_ENVIRONMENTS;
    // `wx`: a file that has appeared since we looked is not overwritten either.
    await writeFile(file, renderTemplate(environments), { flag: flags.force ? 'w' : 'wx' });

    const names = environments.map(({ name }) => name);
    const variables = names.map(passwordVariable);
    this.log(`Wrote ${file}`);
    this.log(
      `Next: ${wizard ? '' : 'edit it, '}export ${variables.join(' and ')}, then: ${this.config.bin} config check`,
    );
    return { file, environments: names, variables };
  }
}

async function refuseToOverwrite(file: string, force: boolean): Promise<void> {
  if (!/\.ya?ml$/.test(file)) {
    throw new MigrationError('usage', `${file} must end in .yaml or .yml: what is written has comments.`);
  }
  const exists = await access(file).then(
    () => true,
    () => false,
  );
  if (exists && !force) {
    throw new MigrationError('usage', `${file} is already there.`, { hint: 'Overwrite it with --force.' });
  }
}
