import { EXIT_CODES, type ExitName } from '../errors.ts';

/** Rows of the exit-code table for help and README, in the order of the numbers. */
export function listExitCodes(
  names: readonly ExitName[] = Object.keys(EXIT_CODES) as ExitName[],
): [exitCode: string, meaning: string][] {
  return names
    .map(name => EXIT_CODES[name])
    .sort((a, b) => a.exitCode - b.exitCode)
    .map(({ exitCode, meaning }) => [String(exitCode), meaning]);
}
