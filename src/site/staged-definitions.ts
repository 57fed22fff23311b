import { expectShown } from '../mysql/build-staging-ddl.ts';
import type { DatabaseConnection } from '../mysql/client.ts';
import type { TableName } from '../mysql/loader.ts';
import { proveDefinition } from '../mysql/prove-definition.ts';
import {
  namesOthers,
  readDefinition,
  readDefinitions,
  renameInDefinition,
  stripInstance,
} from '../mysql/read-definition.ts';

/** What is known of kinds of tables. Shared by all sites of a run. */
export class KnownKinds {
  /** Does the target give a staged table's definition back as the source has given its table's, but for the name? Between
   *  different servers it doesn't: each has its own words. */
  readonly mirrored = new Map<string, boolean>();
  readonly #proven = new WeakMap<DatabaseConnection, Set<string>>();

  /** Kinds of which this connection has made a table that was what it should be. What a server makes of a statement depends
   *  on the statement, the server and the session: another connection may lead to another server, and may have been
   *  given other settings. */
  provenOn(connection: DatabaseConnection): Set<string> {
    const kinds = this.#proven.get(connection) ?? new Set<string>();
    this.#proven.set(connection, kinds);
    return kinds;
  }
}

/** A table that is about to be made in staging. */
export interface ExpectedTable {
  /** The source's, as SHOW CREATE TABLE has given it. */
  readonly source: string;
  /** What is asked for in its place, with the source's names: the same, or what the target's server can have of it. */
  readonly wanted: string;
  /** Names of the site's tables at the target. */
  readonly rename: (table: string) => string;
}

/** The definitions of one site's staged tables. To ask for one costs the target as much as to read a small table
 *  through, so of each kind of table one is asked for on each connection, and the others are known by the source's: what a
 *  table is made of is the statement that makes it, and so is the next number that it gives out. Where that should not be
 *  so after all, the site looks changed to the next --only-changed and is copied: never the other way round. Why it is
 *  enough for the proof: docs/decisions/0020-definitions-are-proven.md */
export class StagedDefinitions {
  readonly #kinds: KnownKinds;
  readonly #expected = new Map<string, ExpectedTable>();
  readonly #known = new Map<string, string>();

  constructor(kinds: KnownKinds) {
    this.#kinds = kinds;
  }

  expect(staged: string, table: ExpectedTable): void {
    this.#expected.set(staged, table);
    this.#known.delete(staged);
  }

  /** It has been altered. */
  forget(staged: string): void {
    this.#expected.delete(staged);
    this.#known.delete(staged);
  }

  /** Holds what `target` has made in this database against what was expected. Rejects with a MigrationError, `schema` for
   *  a table that is something else. */
  async prove(target: DatabaseConnection, database: string, names: readonly string[]): Promise<void> {
    const proven = this.#kinds.provenOn(target);
    const asked = new Map<string, string>();
    for (const name of names) {
      const kind = this.#kindOf(name);
      if (!proven.has(kind) && !asked.has(kind)) asked.set(kind, name);
    }
    const tables = [...asked.values()].map((name): TableName => ({ database, name }));
    const definitions = await readDefinitions(target, tables);
    for (const [index, kind] of [...asked.keys()].entries()) {
      const [table, found] = [tables[index]!, definitions[index]!];
      const { source, wanted, rename } = this.#expected.get(table.name)!;
      proveDefinition(target, table, expectShown(wanted, database, rename), found);
      proven.add(kind);
      this.#known.set(table.name, found);
      if (!namesOthers(source))
        this.#kinds.mirrored.set(stripInstance(source), found === renameInDefinition(source, table.name));
    }
  }

  /** When it has all its rows. Rejects with a MigrationError. */
  async read(target: DatabaseConnection, staged: TableName): Promise<string> {
    const definition = this.#known.get(staged.name) ?? (await this.#find(target, staged));
    this.#known.set(staged.name, definition);
    return definition;
  }

  /** A table that names others is a kind of its own. */
  #kindOf(staged: string): string {
    const { source, wanted } = this.#expected.get(staged)!;
    return namesOthers(source) ? `${staged} ${wanted}` : stripInstance(wanted);
  }

  async #find(target: DatabaseConnection, staged: TableName): Promise<string> {
    const source = this.#expected.get(staged.name)?.source;
    // A resume hasn't read it; and the names that a foreign key has are other ones at the target.
    if (source === undefined || namesOthers(source)) return await readDefinition(target, staged);
    const mirrored = renameInDefinition(source, staged.name);
    const kind = stripInstance(source);
    if (this.#kinds.mirrored.get(kind)) return mirrored;
    const definition = await readDefinition(target, staged);
    this.#kinds.mirrored.set(kind, definition === mirrored);
    return definition;
  }
}
