// What happens on `wfuwp enf-migrate`: a guess and exit code 2, in the same form as every other error. Never a
// prompt: in a script it would hang, and running what was only guessed is no way to start a migration.
import { Errors, type Hook, type Interfaces, toConfiguredId } from '@oclif/core';
import { MigrationError } from '../errors.ts';
import { findClosest } from '../lib/find-closest.ts';
import { writeLines } from '../lib/show-lines.ts';
import { describeError, renderError } from './describe-error.ts';
import { printJson } from './print-json.ts';

const commandNotFound: Hook<'command_not_found'> = async ({ id, argv = [], config }) => {
  failCommandNotFound({ id, argv, config });
};

interface UnknownCommand {
  /** Words joined by colons. */
  readonly id: string;
  readonly argv: readonly string[];
  readonly config: Interfaces.Config;
}

/** Says so and ends the process. */
export function failCommandNotFound({ id, argv, config }: UnknownCommand): never {
  const commands = config.commands.filter(({ hidden }) => !hidden);
  const known = [
    ...commands.flatMap(command => [command.id, ...command.aliases]),
    ...config.topics.map(topic => topic.name),
  ];
  // oclif glues the words up to the first flag together, arguments included.
  const words = id.split(':');
  const guesses = words.map((_, index) => guessCommand(words.slice(0, index + 1), known));
  const closest = guesses.findLast(guess => guess !== undefined);
  const guess =
    closest === undefined ? '' : ` Did you mean "${config.bin} ${toConfiguredId(closest, config)}"?`;

  const error = new MigrationError(
    'usage',
    `"${toConfiguredId(id, config)}" is not a ${config.bin} command.${guess}`,
    {
      hint: `All commands: ${config.bin} --help`,
    },
  );
  const description = describeError(error, { usage: '', argv });
  if (argv.includes('--json')) printJson({ error: description });
  else writeLines(process.stderr, renderError(error, description, { verbose: false }));
  throw new Errors.ExitError(description.exitCode);
}

/** Word by word: taken as one text, `env-migrat prod` would be near enough to `env-migrate log`. */
function guessCommand(words: readonly string[], known: readonly string[]): string | undefined {
  const alike = known.filter(id => {
    const parts = id.split(':');
    return (
      parts.length === words.length &&
      parts.every((part, index) => findClosest(words[index] ?? '', [part]) !== undefined)
    );
  });
  return findClosest(words.join(':'), alike);
}

export default commandNotFound;
