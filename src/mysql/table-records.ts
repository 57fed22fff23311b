// Which tables in a target's staging and previous database runs of this program have made, as they have written it down
// before they made them: staged-tables.ts, previous-owners.ts. Names alone say nothing.

import { readTableNames } from './catalog.ts';
import type { DatabaseConnection } from './client.ts';
import { type PreviousOwner, readPreviousOwners } from './previous-owners.ts';
import type { MadeTable } from './read-made-tables.ts';
import { readStaged } from './staged-tables.ts';
import { isOwnTable, sitePrefix } from './table-names.ts';

export interface TableRecords {
  /** Tables that stand in staging: who builds them, and how the server knows them (undefined: it wasn't asked). */
  readonly staged: ReadonlyMap<string, StagedTable>;
  /** What each site's run has kept for it. */
  readonly owners: ReadonlyMap<number, PreviousOwner>;
  /** Of somebody else. */
  readonly strangers: { readonly staging: readonly string[]; readonly previous: readonly string[] };
  /** All tables but the program's own. */
  readonly standing: { readonly staging: readonly string[]; readonly previous: readonly string[] };
  /** Some are known by their names alone, as an older version has left them. */
  readonly hasOldRecords: boolean;
}

export interface StagedTable {
  readonly migrationId: string;
  /** The live database for which it is built: two targets may share a staging database. */
  readonly liveDatabase: string;
  /** As the server knew it when this run began. */
  readonly made?: MadeTable | undefined;
  /** It was made no later than that. */
  readonly madeUpTo?: string;
}

/** A target's databases. */
export interface TargetPlaces {
  readonly database: string;
  readonly tablePrefix: string;
  readonly staging: string;
  readonly previous: string;
}

/** Tables in staging that the journal of an older version's run says are its own. */
export interface OldStaged {
  readonly migrationId: string;
  readonly tables: readonly string[];
}

/** Four queries. */
export async function readTableRecords(
  connection: DatabaseConnection,
  target: TargetPlaces,
  old: OldStaged | null = null,
): Promise<TableRecords> {
  const present = await listOthers(connection, target.staging);
  const kept = await listOthers(connection, target.previous);
  const sites = await readStaged(connection, target.staging);
  const owners = await readPreviousOwners(connection, target.previous);

  const builders = new Map<string, StagedTable>();
  for (const name of old?.tables ?? [])
    builders.set(name, { migrationId: old!.migrationId, liveDatabase: target.database });
  for (const { migrationId, key, tables } of sites)
    for (const name of tables) builders.set(name, { migrationId, liveDatabase: key.database });
  const staged = new Map(
    present.flatMap(name => {
      const builder = builders.get(name);
      return builder ? [[name, builder] as const] : [];
    }),
  );
  const isKept = createIsKept(target.tablePrefix, owners);
  return {
    staged,
    owners,
    standing: { staging: present, previous: kept },
    strangers: {
      staging: present.filter(name => !staged.has(name)),
      previous: kept.filter(name => !isKept(name)),
    },
    hasOldRecords: [...owners.values()].some(owner => owner.tables === null && isStanding(owner)),
  };
}

async function listOthers(connection: DatabaseConnection, database: string): Promise<string[]> {
  const names = await readTableNames(connection, database, { prefix: '' });
  return [...names].filter(name => !isOwnTable(name)).sort();
}

function createIsKept(prefix: string, owners: ReadonlyMap<number, PreviousOwner>): (name: string) => boolean {
  const named = new Set<string>();
  const ofOldRecords: ((name: string) => boolean)[] = [];
  for (const [siteId, { tables, state }] of owners) {
    for (const name of tables ?? []) named.add(name);
    if (tables === null && isStanding({ state })) ofOldRecords.push(name => isOfSite(prefix, siteId, name));
  }
  return name => named.has(name) || ofOldRecords.some(isOf => isOf(name));
}

const NUMBERED = /^[1-9]\d*_/;

/** As older versions took them: of a numbered site all with its number, of the others all without one. */
export function isOfSite(tablePrefix: string, siteId: number, name: string): boolean {
  if (!name.startsWith(tablePrefix)) return false;
  if (siteId > 1) return name.startsWith(sitePrefix(tablePrefix, siteId));
  return !NUMBERED.test(name.slice(tablePrefix.length));
}

/** The tables that a site's last run has kept for it, of those that are there. `planned`: the site's, by which those of an
 *  older version's run are known where their names don't tell the site. */
export function keptOf(
  { tablePrefix }: Pick<TargetPlaces, 'tablePrefix'>,
  owner: PreviousOwner | undefined,
  present: Iterable<string>,
  planned?: readonly { readonly target: string }[],
): string[] {
  if (!owner || !isStanding(owner)) return [];
  const { tables, siteId } = owner;
  const names = tables ?? (siteId > 1 ? null : planned?.map(table => table.target));
  const named = names && new Set(names);
  return [...present].filter(name => (named ? named.has(name) : isOfSite(tablePrefix, siteId, name))).sort();
}

/** May some of it be there? What is about to be removed as well, until it is. */
function isStanding({ state }: Pick<PreviousOwner, 'state'>): boolean {
  return state !== 'rolled_back';
}
