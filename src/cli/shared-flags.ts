// Flags that mean the same in every command that has them.
import { Flags } from '@oclif/core';

/** Every command has these; `--json` comes from `enableJsonFlag`. */
export const baseFlags = {
  verbose: Flags.boolean({ char: 'v', summary: 'Say more: every step, and what caused an error.' }),
};

export const configFlag = Flags.string({
  summary: 'Configuration file. Default: wfuwp.config.yaml, .yml or .json in the working directory.',
  helpValue: 'FILE',
  env: 'WFUWP_CONFIG',
  noCacheDefault: true,
});

/** No prompts: what a prompt would ask is answered with yes. */
export const yesFlag = Flags.boolean({ char: 'y', summary: 'Ask nothing; take every answer as yes.' });

/** Of an earlier run: its target need not be on the server that it was planned with. */
export const acceptMovedFlag = Flags.string({
  summary: 'target_moved: the target database is on another server now, with the id that the run knows.',
  helpValue: 'CODE',
  options: ['target_moved'],
  multipleNonGreedy: true,
  multiple: true,
});
