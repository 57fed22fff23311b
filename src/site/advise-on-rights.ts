import { MigrationError } from '../errors.ts';
import type { Plan } from '../migration/plan.ts';
import { SOURCE_RIGHTS, TARGET_RIGHTS } from '../mysql/grants.ts';

/** Says of a missing right which rights are needed, and what prints the statements. Any other error passes through. */
export function adviseOnRights(error: MigrationError, { source, target }: Plan): MigrationError {
  const { code, message, scope, exit, details } = error;
  if (code !== 'access' || typeof details.server !== 'string') return error;
  const isSource = details.server.startsWith('source ');
  const databases: [string, readonly string[]][] = isSource
    ? [[source.database, SOURCE_RIGHTS]]
    : [
        [target.database, TARGET_RIGHTS.live],
        [target.staging, TARGET_RIGHTS.staging],
        [target.previous, TARGET_RIGHTS.previous],
      ];
  const needed = databases.map(([name, rights]) => `${rights.join(', ')} on ${name}`).join('; ');
  return new MigrationError(code, message, {
    scope,
    exit,
    details,
    hint:
      `Its user needs ${needed}. The statements: wfuwp config grants ${source.environment} ${target.environment}; ` +
      'then --resume ID --retry-failed.',
    cause: error,
  });
}
