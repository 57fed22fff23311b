import { MigrationError } from '../errors.ts';
import { findClosest } from '../lib/find-closest.ts';
import type { Config, Environment } from './schema.ts';

/** The environment of that name, or `unknown_environment` with the names there are. */
export function selectEnvironment(config: Config, name: string): Environment {
  // Object.hasOwn: a name such as "constructor" must not find what every object inherits.
  const environment = Object.hasOwn(config.environments, name) ? config.environments[name] : undefined;
  if (environment !== undefined) return environment;
  const known = Object.keys(config.environments);
  const closest = findClosest(name, known);
  const guess = closest === undefined ? '' : ` Did you mean "${closest}"?`;
  throw new MigrationError(
    'unknown_environment',
    `There is no environment "${name}" in ${config.file}.${guess}`,
    {
      hint: `Known environments: ${known.join(', ')}.`,
      details: { name, known },
    },
  );
}
