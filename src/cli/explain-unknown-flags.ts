import type { Command } from '@oclif/core';
import { findClosest } from '../lib/find-closest.ts';

/** oclif's "Nonexistent flag" with a guess at what was meant; every other error unchanged. */
export function explainUnknownFlags(error: Error, command: typeof Command): Error {
  if (!('flags' in error) || !Array.isArray(error.flags)) return error;
  const flags = Object.entries({ ...command.baseFlags, ...command.flags });
  const known = ['json', ...flags.flatMap(([name, { aliases = [] }]) => [name, ...aliases])];
  const lines = error.flags.map((flag: string) => {
    const closest = findClosest(flag.replace(/^-+/, ''), known);
    return closest === undefined
      ? `Unknown flag ${flag}.`
      : `Unknown flag ${flag}. Did you mean --${closest}?`;
  });
  return Object.assign(error, { message: lines.join('\n') });
}
