import type { DatabaseConnection } from '../mysql/client.ts';
import type { TableName } from '../mysql/loader.ts';
import { readDefinition, renameInDefinition, stripInstance } from '../mysql/read-definition.ts';

/** By kind of table: does the target give a staged table's definition back as the source has given its table's, but for
 *  the name? Between different servers it doesn't: each has its own words. Shared by all sites of a run. */
export type MirroredKinds = Map<string, boolean>;

/** The definitions of one site's staged tables. To ask for one costs the target as much as to read a small table
 *  through, so of each kind of table one is asked for, and the others are known by the source's: what a table is made
 *  of is its definition at the source, and so is the next number that it gives out. Where that should not be so after
 *  all, the site looks changed to the next --only-changed and is copied: never the other way round. */
export class StagedDefinitions {
  readonly #kinds: MirroredKinds;
  readonly #sources = new Map<string, string>();
  readonly #known = new Map<string, string>();

  constructor(kinds: MirroredKinds) {
    this.#kinds = kinds;
  }

  /** The staged table is made from this definition of the source's. */
  expect(staged: string, sourceDefinition: string): void {
    this.#sources.set(staged, sourceDefinition);
    this.#known.delete(staged);
  }

  /** It has been altered. */
  forget(staged: string): void {
    this.#sources.delete(staged);
    this.#known.delete(staged);
  }

  /** When it has all its rows. Rejects with a MigrationError. */
  async read(target: DatabaseConnection, staged: TableName): Promise<string> {
    const definition = this.#known.get(staged.name) ?? (await this.#find(target, staged));
    this.#known.set(staged.name, definition);
    return definition;
  }

  async #find(target: DatabaseConnection, staged: TableName): Promise<string> {
    const source = this.#sources.get(staged.name);
    // A resume hasn't read it; and the names that a foreign key has are other ones at the target.
    if (source === undefined || source.includes('REFERENCES')) return await readDefinition(target, staged);
    const mirrored = renameInDefinition(source, staged.name);
    const kind = stripInstance(source);
    if (this.#kinds.get(kind)) return mirrored;
    const definition = await readDefinition(target, staged);
    this.#kinds.set(kind, definition === mirrored);
    return definition;
  }
}
