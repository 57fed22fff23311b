// The help of oclif, ending in the table of exit codes. Named as `oclif.helpClass` in package.json.
import { CommandHelp, Help } from '@oclif/core';
import { showForeign } from '../lib/show-foreign.ts';
import { listExitCodes } from './exit-code-help.ts';

const header = 'EXIT CODES';

class CommandHelpWithExitCodes extends CommandHelp {
  protected override sections(): ReturnType<CommandHelp['sections']> {
    // Commands of plugins (help, autocomplete) have exit codes of their own.
    if (this.command.pluginName !== this.config.name) return super.sections();
    return [...super.sections(), { header, generate: () => [{ header, body: listExitCodes() }] }];
  }
}

export default class HelpWithExitCodes extends Help {
  protected override CommandHelpClass = CommandHelpWithExitCodes;

  /** It quotes a word that is no command; no command's name changes by being shown. */
  override async showHelp(argv: string[]): Promise<void> {
    await super.showHelp(argv.map(showForeign));
  }

  protected override async showRootHelp(): Promise<void> {
    await super.showRootHelp();
    this.log(this.section(header, listExitCodes()));
    this.log('');
  }
}
