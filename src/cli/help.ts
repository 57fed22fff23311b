// The help of oclif, with the exit codes that each command may end with, and with pages that belong to no command. Named
// as `oclif.helpClass` in package.json.
import { CommandHelp, Help } from '@oclif/core';
import type { ExitName } from '../errors.ts';
import { failCommandNotFound } from './command-not-found.ts';
import { listExitCodes } from './exit-code-help.ts';
import { HELP_TOPICS } from './help-topics.ts';

const EXIT_CODES_HEADER = 'EXIT CODES';

class CommandHelpWithExitCodes extends CommandHelp {
  protected override sections(): ReturnType<CommandHelp['sections']> {
    // Commands of plugins (help, autocomplete) have exit codes of their own.
    if (this.command.pluginName !== this.config.name) return super.sections();
    const names = (this.command as { exitCodes?: readonly ExitName[] }).exitCodes;
    const body = listExitCodes(names);
    return [
      ...super.sections(),
      { header: EXIT_CODES_HEADER, generate: () => [{ header: EXIT_CODES_HEADER, body }] },
    ];
  }
}

export default class WfuwpHelp extends Help {
  protected override CommandHelpClass = CommandHelpWithExitCodes;

  override async showHelp(argv: string[]): Promise<void> {
    const words = argv.filter(word => !word.startsWith('-'));
    const topic = HELP_TOPICS.find(({ name }) => name === words[0]);
    if (topic) {
      this.log(this.section(topic.title, topic.rows()));
      return;
    }
    const id = this.#findSubject(words);
    if (id === undefined && words.length > 0)
      failCommandNotFound({ id: words.join(':'), argv, config: this.config });
    // Arguments of the command may follow its name, and are no part of what is asked for.
    await super.showHelp(id === undefined ? [] : id.split(':'));
  }

  /** The command or topic that the first of these words name; undefined: none. */
  #findSubject(words: readonly string[]): string | undefined {
    const { commands, topics } = this.config;
    const ids = [
      ...commands.flatMap(({ id, aliases }) => [id, ...aliases]),
      ...topics.map(({ name }) => name),
    ];
    for (let count = words.length; count > 0; count -= 1) {
      const asked = words.slice(0, count).join(':');
      if (ids.includes(asked)) return asked;
    }
    return undefined;
  }

  protected override async showRootHelp(): Promise<void> {
    await super.showRootHelp();
    const topics = HELP_TOPICS.map(({ name, title }): [string, string] => [
      `${this.config.bin} help ${name}`,
      title.toLowerCase(),
    ]);
    this.log(this.section('MORE', topics));
    this.log('');
  }
}
