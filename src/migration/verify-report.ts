// What `verify` finds; plain JSON. The text is made from it.

import type { LeftValues } from './events.ts';
import type { MigrationId, TaskId } from './words.ts';

/** `same`: as many rows, with the same content, byte by byte. `rows_differ`: another number of them. `content_differs`:
 *  the same number, with other content. `missing`: there is no such table on the target. `merged`: rows of the target's
 *  own stay in it, so only source hosts were looked for. `not_comparable`: `reason` says why. */
export type TableVerdict =
  | 'same'
  | 'merged'
  | 'rows_differ'
  | 'content_differs'
  | 'missing'
  | 'not_comparable';

export interface Figures {
  readonly rows: number;
  readonly checksum: string;
}

export interface VerifiedTable {
  /** On the target. */
  readonly table: string;
  readonly verdict: TableVerdict;
  readonly reason: string | null;
  readonly expected: Figures | null;
  readonly found: Figures | null;
  /** Values that the rules would change: a source host is left in them. */
  readonly leftovers: readonly Omit<LeftValues, 'reason'>[];
  /** Values that hold something of the source and are left for a reason, as a copy leaves them. */
  readonly left: readonly LeftValues[];
}

/** `not_verified`: nothing could be said of it. `not_part`: this run has nothing of it on the target. */
export type UnitVerdict = 'proven' | 'different' | 'not_verified' | 'not_part';

export interface VerifiedUnit {
  readonly taskId: TaskId;
  /** null: the network tables. */
  readonly address: string | null;
  readonly verdict: UnitVerdict;
  readonly reason: string | null;
  readonly tables: readonly VerifiedTable[];
}

export interface VerifyReport {
  /** null: of two environments, not of a run. */
  readonly migrationId: MigrationId | null;
  readonly source: string;
  readonly target: string;
  /** What the target is held against: what the run has written down, or what the source holds now. */
  readonly against: 'journal' | 'source';
  readonly startedAt: string;
  readonly endedAt: string;
  readonly counts: {
    readonly units: number;
    readonly proven: number;
    readonly different: number;
    readonly notVerified: number;
    readonly notPart: number;
    readonly tables: number;
    readonly rows: number;
    /** Values that still lead to the source. */
    readonly leftovers: number;
    readonly left: number;
  };
  readonly allProven: boolean;
  /** Sites by number, the network tables first. */
  readonly units: readonly VerifiedUnit[];
  readonly nextCommands: readonly string[];
}

/** A table that is not what it should be. */
export function isWrong({ verdict, leftovers }: VerifiedTable): boolean {
  return (verdict !== 'same' && verdict !== 'merged') || leftovers.length > 0;
}

export function countVerified(units: readonly VerifiedUnit[]): VerifyReport['counts'] {
  const of = (verdict: UnitVerdict): number => units.filter(unit => unit.verdict === verdict).length;
  const tables = units.flatMap(unit => unit.tables);
  const sum = (read: (table: VerifiedTable) => number): number =>
    tables.reduce((total, table) => total + read(table), 0);
  return {
    units: units.length,
    proven: of('proven'),
    different: of('different'),
    notVerified: of('not_verified'),
    notPart: of('not_part'),
    tables: tables.length,
    rows: sum(table => table.found?.rows ?? 0),
    leftovers: sum(table => table.leftovers.reduce((total, { values }) => total + values, 0)),
    left: sum(table => table.left.reduce((total, { values }) => total + values, 0)),
  };
}
