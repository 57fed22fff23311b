import { MigrationError } from '../errors.ts';
import type { Plan, PlannedTable } from '../migration/plan.ts';
import type { DatabaseConnection } from '../mysql/client.ts';
import { needsTranslation, readServerKind } from '../mysql/definition/server-kind.ts';
import { translateDefinition } from '../mysql/definition/translate-definition.ts';
import { withoutCounter } from '../mysql/read-definition.ts';
import { restoreDefaults } from '../mysql/restore-defaults.ts';

export const isArchive = ({ engine }: PlannedTable): boolean => engine.toLowerCase() === 'archive';

/** What is asked for of a table's definition at the target, with the source's names: what the source has of it, as far as
 *  the target's server can have that. Rejects with a MigrationError. */
export async function adaptDefinition(
  connection: DatabaseConnection,
  planned: PlannedTable,
  definition: string,
  plan: Plan,
): Promise<string> {
  const table = { database: plan.source.database, name: planned.source };
  const whole = await restoreDefaults(connection, table, definition);
  // ARCHIVE takes no number below the next one that it would give out; its rows bring it where it was.
  const open = isArchive(planned) ? withoutCounter(whole) : whole;
  return translate(planned, open, plan);
}

/** All of it, where the server is the same or a newer one. The plan has named what is left out, and refused what can't be;
 *  this is for what has changed since. */
function translate(
  { source: table, lost: planned = [] }: PlannedTable,
  definition: string,
  { source, target }: Plan,
): string {
  const [from, to] = [readServerKind(source.serverVersion), readServerKind(target.serverVersion)];
  if (!needsTranslation(from, to)) return definition;
  const { definition: adapted, lost, refused } = translateDefinition(definition, from, to);
  const unplanned = [...refused, ...lost.filter(what => !planned.includes(what))];
  if (unplanned.length === 0) return adapted;
  throw new MigrationError(
    'schema',
    `The target's server (${target.serverVersion}) lacks what ${table} has got since the plan was made: ${unplanned.join(', ')}.`,
    { hint: 'Plan again: start the migration anew. The plan says what becomes of it.' },
  );
}
