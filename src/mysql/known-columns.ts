import type { DatabaseConnection } from './client.ts';
import type { TableName } from './loader.ts';
import { type Column, readColumns } from './read-columns.ts';
import { stripInstance } from './read-definition.ts';

/** A table's columns by its definition. All sites have the same dozen tables, and asking the server for the columns of
 *  one costs as much as reading it through when it is small. Holds as many entries as there are kinds of tables. */
export class KnownColumns {
  readonly #byDefinition = new Map<string, readonly Column[]>();

  /** `definition`: the text of SHOW CREATE TABLE. Rejects with a MigrationError. */
  async read(
    connection: DatabaseConnection,
    table: TableName,
    definition: string,
  ): Promise<readonly Column[]> {
    const kind = stripInstance(definition);
    const known = this.#byDefinition.get(kind);
    if (known) return known;
    const columns = (await readColumns(connection, table.database, [table.name])).get(table.name) ?? [];
    this.#byDefinition.set(kind, columns);
    return columns;
  }
}
