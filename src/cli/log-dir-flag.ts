import { resolve } from 'node:path';
import { Flags } from '@oclif/core';

/** Where runs lie when nothing says otherwise. */
const USUAL = 'logs';

let usualFolder = resolve(USUAL);

/** Where a command that says nothing of it would look for runs, as far as this process has had to find out. */
export function findsUnasked(folder: string): boolean {
  return folder === usualFolder;
}

/** The configuration is loaded only where neither the flag nor WFUWP_LOG_DIR says it. */
export const logDirFlag = Flags.string({
  summary: 'Folder for the run directories.',
  env: 'WFUWP_LOG_DIR',
  helpValue: 'DIR',
  // The manifest and the help are the same on every machine.
  defaultHelp: async () => USUAL,
  noCacheDefault: true,
  default: async context => {
    const { readLogDir } = await import('../config/read-log-dir.ts');
    const { config: path } = context.flags as { config?: string };
    const folder = await readLogDir({ cwd: process.cwd(), env: process.env, path });
    usualFolder = resolve(folder ?? USUAL);
    return folder ?? USUAL;
  },
});
