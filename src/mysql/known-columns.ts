import type { DatabaseConnection } from './client.ts';
import { type Column, readColumns } from './read-columns.ts';
import { stripInstance } from './read-definition.ts';

export interface DefinedTable {
  readonly name: string;
  /** The text of SHOW CREATE TABLE. */
  readonly definition: string;
}

/** Tables' columns by their definitions. All sites have the same dozen tables, and asking the server for the columns of
 *  one costs as much as reading it through when it is small. Holds as many entries as there are kinds of tables. */
export class KnownColumns {
  readonly #byKind = new Map<string, readonly Column[]>();

  /** In the order of the tables; one query for all that aren't known. Rejects with a MigrationError. */
  async read(
    connection: DatabaseConnection,
    database: string,
    tables: readonly DefinedTable[],
  ): Promise<(readonly Column[])[]> {
    const kinds = tables.map(table => stripInstance(table.definition));
    const unknown = new Map<string, string>();
    for (const [index, { name }] of tables.entries()) {
      const kind = kinds[index]!;
      if (!this.#byKind.has(kind)) unknown.set(kind, name);
    }
    const found = await readColumns(connection, database, [...unknown.values()]);
    for (const [kind, name] of unknown) {
      const columns = found.get(name);
      // Of a table that went just now, nothing is known for the others of its kind.
      if (columns) this.#byKind.set(kind, columns);
    }
    return kinds.map(kind => this.#byKind.get(kind) ?? []);
  }
}
