import { EXIT_CODES } from '../errors.ts';

/** Rows of the exit-code table for help and README, in the order of the numbers. */
export function listExitCodes(): [exitCode: string, meaning: string][] {
  return Object.values(EXIT_CODES)
    .sort((a, b) => a.exitCode - b.exitCode)
    .map(({ exitCode, meaning }) => [String(exitCode), meaning]);
}
