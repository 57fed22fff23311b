// The tables of the target's staging and previous database that are this run's to use, put back or drop. While the lease
// is held no other run makes any, so it is read once what runs have written down, and kept up to date by whoever makes
// and drops.

import { MigrationError } from '../errors.ts';
import type { DatabaseConnection } from '../mysql/client.ts';
import type { PreviousOwner } from '../mysql/previous-owners.ts';
import { type MadeTable, readMadeTables } from '../mysql/read-made-tables.ts';
import {
  keptOf,
  type OldStaged,
  readTableRecords,
  type StagedTable,
  type TableRecords,
  type TargetPlaces,
} from '../mysql/table-records.ts';

export interface OwnTablesOptions {
  readonly migrationId: string;
  readonly target: TargetPlaces;
  readonly fencing: number;
  /** Of the target's server that answers now. */
  readonly serverId: string;
  /** `--accept remade_tables`: files of the server were moved, and what it says of their age is not true. */
  readonly acceptsRemade: boolean;
}

export class OwnTables {
  readonly fencing: number;
  readonly serverId: string;
  readonly #migrationId: string;
  readonly #target: TargetPlaces;
  readonly #staged: Map<string, StagedTable>;
  readonly #owners: Map<number, PreviousOwner>;
  readonly #acceptsRemade: boolean;
  #isMeddledWith = false;

  /** Under the lease. */
  static async read(
    connection: DatabaseConnection,
    options: OwnTablesOptions,
    old: OldStaged | null,
  ): Promise<{ ownTables: OwnTables; strangers: TableRecords['strangers'] }> {
    const { target } = options;
    const records = await readTableRecords(connection, target, old);
    const { tables } = await readMadeTables(connection, target.staging, [...records.staged.keys()]);
    const staged = [...records.staged].map(
      ([name, table]) => [name, { ...table, made: tables.get(name) }] as const,
    );
    const ownTables = new OwnTables(options, new Map(staged), new Map(records.owners));
    return { ownTables, strangers: records.strangers };
  }

  constructor(
    options: OwnTablesOptions,
    staged: Map<string, StagedTable> = new Map(),
    owners: Map<number, PreviousOwner> = new Map(),
  ) {
    this.fencing = options.fencing;
    this.serverId = options.serverId;
    this.#migrationId = options.migrationId;
    this.#target = options.target;
    this.#acceptsRemade = options.acceptsRemade;
    this.#staged = staged;
    this.#owners = owners;
  }

  /** Somebody writes to tables of this run: from now on nothing is believed that isn't certain. */
  get isMeddledWith(): boolean {
    return this.#isMeddledWith;
  }
  suspectMeddling(): void {
    this.#isMeddledWith = true;
  }

  /** Was it made by this run, whichever of its processes? Only then may its rows be used again. */
  isBuiltByUs(name: string): boolean {
    return this.#staged.get(name)?.migrationId === this.#migrationId;
  }

  /** Of an earlier process's tables: when the youngest of them was made, as the journal has it. */
  limitAge(names: readonly string[], madeUpTo: string): void {
    for (const name of names) {
      const table = this.#staged.get(name);
      if (table && this.isBuiltByUs(name)) this.#staged.set(name, { ...table, madeUpTo });
    }
  }

  /** Of tables that stand in staging, each must be a run's that is dead by now, or this one's. Rejects with
   *  `foreign_table`; then those that are not are nobody's for the rest of the run. */
  refuseStagedStrangers(present: ReadonlyMap<string, MadeTable>): void {
    const { database, staging } = this.#target;
    const strangers = [...present].flatMap(([name, found]) => {
      const known = this.#staged.get(name);
      if (!known) return [[name, '']];
      if (known.liveDatabase !== database) return [[name, ` (built for ${known.liveDatabase})`]];
      return this.#isRemade(known, found) ? [[name, ' (made anew meanwhile)']] : [];
    });
    for (const [name] of strangers) this.#staged.delete(name!);
    if (strangers.length > 0) throw this.#refuse(strangers.map(([name, why]) => `${staging}.${name}${why}`));
  }

  #isRemade({ made, madeUpTo }: StagedTable, found: MadeTable): boolean {
    if (this.#acceptsRemade) return false;
    if (madeUpTo !== undefined && found.createdAt > madeUpTo) return true;
    return made !== undefined && made.createdAt !== found.createdAt;
  }

  /** About to be made by this process. */
  staged(name: string): void {
    this.#staged.set(name, { migrationId: this.#migrationId, liveDatabase: this.#target.database });
  }

  /** Those of the names that a run, this one or a dead one, has in staging for this target. */
  stagedAmong(names: readonly string[]): string[] {
    return names.filter(name => this.#staged.get(name)?.liveDatabase === this.#target.database);
  }

  /** It was not there a moment ago, and could not be made because it is there: somebody else has made it. */
  disown(name: string, cause: unknown): MigrationError {
    this.#staged.delete(name);
    return this.#refuse([`${this.#target.staging}.${name}`], cause);
  }

  unstaged(names: Iterable<string>): void {
    for (const name of names) this.#staged.delete(name);
  }

  ownerOf(siteId: number): PreviousOwner | undefined {
    return this.#owners.get(siteId);
  }

  /** Which tables of the previous database an earlier run has kept for the site or under these names: they give way to
   *  those that are kept now. Rejects with `foreign_table` when one of the names is somebody else's there. */
  async listGivingWay(
    connection: DatabaseConnection,
    siteId: number,
    names: readonly string[],
  ): Promise<string[]> {
    const { previous } = this.#target;
    const kept = this.#owners.get(siteId);
    const wanted = [...new Set([...names, ...(kept?.tables ?? [])])];
    const { tables } = await readMadeTables(connection, previous, wanted);
    const strangers = [...tables].flatMap(([name, found]) => {
      const owner = this.#findOwner(siteId, name);
      if (!owner) return [`${previous}.${name}`];
      return this.#isYounger(owner, found) ? [this.#nameRemade(name, owner)] : [];
    });
    if (strangers.length > 0) throw this.#refuse(strangers);
    return [...tables.keys()];
  }

  #findOwner(siteId: number, name: string): PreviousOwner | undefined {
    const isKept = (owner: PreviousOwner | undefined): boolean =>
      keptOf(this.#target, owner, [name]).length > 0;
    const first = this.#owners.get(siteId);
    if (isKept(first)) return first;
    return [...this.#owners.values()].find(isKept);
  }

  #isYounger({ sealed }: PreviousOwner, found: MadeTable): boolean {
    if (this.#acceptsRemade || !sealed || sealed.server !== this.serverId) return false;
    return found.createdAt > sealed.at.slice(0, found.createdAt.length);
  }

  /** The tables that are kept for the site, and are still those that its run has put there. Rejects with
   *  `foreign_table`. */
  async listKept(
    connection: DatabaseConnection,
    owner: PreviousOwner,
    present: readonly string[],
  ): Promise<string[]> {
    const kept = keptOf(this.#target, owner, present);
    const { tables } = await readMadeTables(connection, this.#target.previous, kept);
    const remade = [...tables]
      .filter(([, found]) => this.#isYounger(owner, found))
      .map(([name]) => this.#nameRemade(name, owner));
    if (remade.length > 0) throw this.#refuse(remade);
    return kept;
  }

  #nameRemade(name: string, { migrationId }: PreviousOwner): string {
    return `${this.#target.previous}.${name} (made anew since ${migrationId})`;
  }

  keep(owner: PreviousOwner): void {
    this.#owners.set(owner.siteId, owner);
  }

  #refuse(strangers: readonly string[], cause?: unknown): MigrationError {
    return new MigrationError(
      'foreign_table',
      `${strangers.length === 1 ? 'A table is' : `${strangers.length} tables are`} in the way that no run has made: ${strangers.join(', ')}.`,
      { details: { tables: strangers }, cause },
    );
  }
}
