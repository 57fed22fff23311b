import { MigrationError } from '../errors.ts';
import type { DatabaseConnection } from './client.ts';
import { compareDefinitions, type Difference, describeDifference } from './definition/compare-definitions.ts';
import { describeTable, type TableName } from './loader.ts';
import { readCounter, stripInstance } from './read-definition.ts';

/** Holds what the server says of a table against what was asked for, as `expectShown` gives it: word for word, and where
 *  the words differ property by property. Throws `schema` with what differs. */
export function proveDefinition(
  { label }: Pick<DatabaseConnection, 'label'>,
  table: TableName,
  wanted: string,
  found: string,
): void {
  const differences: Difference[] =
    stripInstance(wanted) === stripInstance(found) ? [] : compareDefinitions(wanted, found);
  const [next, given] = [Number(readCounter(wanted) ?? 0), Number(readCounter(found) ?? 0)];
  // Rows that were written since may have taken it further.
  if (given < next)
    differences.push({ property: 'AUTO_INCREMENT', wanted: String(next), found: String(given) });
  if (differences.length === 0) return;
  throw new MigrationError(
    'schema',
    `${describeTable(table)} on ${label} is not what its definition at the source says: ${differences.map(describeDifference).join('; ')}.`,
    {
      hint: "The target's server makes something else of it: look for settings such as enforce_storage_engine and explicit_defaults_for_timestamp there; then --resume ID --retry-failed.",
      details: { differences },
    },
  );
}
