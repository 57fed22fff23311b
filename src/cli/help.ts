// The help of oclif, with the exit codes that each command may end with, and with pages that belong to no command. Named
// as `oclif.helpClass` in package.json.
import { CommandHelp, Help } from '@oclif/core';
import type { ExitName } from '../errors.ts';
import { showForeign } from '../lib/show-foreign.ts';
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
    const isKnown =
      words.length === 0 ||
      this.config.commands.some(({ id, aliases }) => isAsked(words, [id, ...aliases])) ||
      this.config.topics.some(({ name }) => isAsked(words, [name]));
    if (!isKnown) failCommandNotFound({ id: words.join(':'), argv, config: this.config });
    // It quotes what it is asked for; no command's name changes by being shown.
    await super.showHelp(argv.map(showForeign));
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

/** Do the first of these words name one of these commands or topics? Arguments may follow. */
function isAsked(words: readonly string[], ids: readonly string[]): boolean {
  return ids.some(id => id.split(':').every((part, index) => words[index] === part));
}
