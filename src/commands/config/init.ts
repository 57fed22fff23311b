import { access } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Flags } from '@oclif/core';
import { askEnvironments, INTRODUCTION } from '../../cli/ask-environments.ts';
import { BaseCommand } from '../../cli/base-command.ts';
import { isInteractive } from '../../cli/prompts.ts';
import { configFlag, yesFlag } from '../../cli/shared-flags.ts';
import { refuseToOverwrite, writeConfig } from '../../cli/write-config.ts';
import { completeDrafts } from '../../config/complete-draft.ts';
import { draftEnvironments } from '../../config/draft-environment.ts';
import { CONFIG_NAMES } from '../../config/find-config.ts';
import { locateSchema } from '../../config/locate-schema.ts';
import { listVariables, renderTemplate } from '../../config/render-template.ts';
import { MigrationError } from '../../errors.ts';

interface InitResult {
  readonly file: string;
  readonly environments: readonly string[];
  /** Environment variables that the file refers to. */
  readonly variables: readonly string[];
  /** What the wp-config.php files don't say, as sentences. */
  readonly gaps: readonly string[];
}

export default class ConfigInit extends BaseCommand {
  static override exitCodes = ['ok', 'bug', 'usage', 'partial', 'configuration', 'interrupted'] as const;
  static override summary = 'Write a first configuration file.';
  static override description =
    'On a terminal it asks what it needs to know; else, and with --yes, it writes a commented example to edit.\n' +
    'It never asks for a password: the file refers to environment variables.';
  static override examples = [
    { description: 'Answer a few questions', command: '<%= config.bin %> <%= command.id %>' },
    { description: 'Write an example to edit', command: '<%= config.bin %> <%= command.id %> --yes' },
    {
      description: 'Take what a WordPress knows of its database',
      command: '<%= config.bin %> <%= command.id %> --from-wp-config prod=/srv/wp/wp-config.php',
    },
  ];
  static override flags = {
    config: configFlag,
    yes: yesFlag,
    force: Flags.boolean({ char: 'f', summary: 'Overwrite a file that is already there.' }),
    'from-wp-config': Flags.string({
      summary:
        'Read database, table prefix and main host of an environment from its wp-config.php; no PHP is run, and no ' +
        'password is copied. May be given for each environment.',
      helpValue: '[NAME=]FILE',
      multiple: true,
      multipleNonGreedy: true,
    }),
  };

  async run(): Promise<InitResult> {
    const { flags } = await this.parse(ConfigInit);
    const file = resolve(flags.config ?? CONFIG_NAMES[0]);
    await refuseBadName(file, flags.force);
    const drafts = await draftEnvironments(flags['from-wp-config'] ?? []);
    for (const { name, file: origin, gaps } of drafts) {
      const all = gaps.length === 0 ? ': all that is needed' : `; ${gaps.join('; ')}`;
      if (!flags.json) this.say(`${name} is read from ${origin}${all}.`);
    }

    const wizard = isInteractive() && !flags.yes && !flags.json;
    if (wizard) this.say(INTRODUCTION);
    const { environments, users } = wizard
      ? await askEnvironments(drafts)
      : { environments: completeDrafts(drafts), users: 'keep' as const };
    const schema = await locateSchema(join(this.config.root, 'schema'), file);
    await writeConfig(file, renderTemplate({ environments, users, schema }), { overwrite: flags.force });

    const variables = listVariables(environments);
    this.log(`Wrote ${file}`);
    this.log(
      `Next: ${wizard ? '' : 'edit it, '}export ${joinWords(variables)}, then: ${this.config.bin} config check`,
    );
    const names = environments.map(({ name }) => name);
    return { file, environments: names, variables, gaps: drafts.flatMap(({ gaps }) => gaps) };
  }
}

function joinWords(words: readonly string[]): string {
  const last = words.at(-1) ?? '';
  return words.length > 1 ? `${words.slice(0, -1).join(', ')} and ${last}` : last;
}

async function refuseBadName(file: string, force: boolean): Promise<void> {
  if (!/\.ya?ml$/.test(file)) {
    throw new MigrationError('usage', `${file} must end in .yaml or .yml: what is written has comments.`);
  }
  const exists = await access(file).then(
    () => true,
    () => false,
  );
  if (exists && !force) throw refuseToOverwrite(file);
}
