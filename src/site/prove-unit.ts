// Whether the target holds what it should of one site, or of the network tables: as many rows, the same content, no
// source host. Reads only, and says what it finds table by table; what can't be compared it says, too.

import { MigrationError } from '../errors.ts';
import { holdsRowsOfTarget, isJoinedByTarget } from '../migration/joined-tables.ts';
import { nameLogically } from '../migration/name-logically.ts';
import type { Plan, PlannedTable } from '../migration/plan.ts';
import { type Figures, isWrong, type VerifiedTable, type VerifiedUnit } from '../migration/verify-report.ts';
import type { TaskId } from '../migration/words.ts';
import { readTableNames } from '../mysql/catalog.ts';
import { classifyDatabaseError } from '../mysql/classify.ts';
import type { DatabaseConnection } from '../mysql/client.ts';
import { findLeftovers } from '../mysql/find-leftovers.ts';
import { readChecksums } from '../mysql/read-checksums.ts';
import { type Column, readColumns } from '../mysql/read-columns.ts';
import { findRemade } from '../policy/refresh-permalinks.ts';
import type { Rewriter } from '../rewrite/rewriter.ts';
import { type Expected, type ExpectTable, listRowFilters } from './expected-figures.ts';
import { findColumns } from './find-columns.ts';
import { includeHistory } from './include-history.ts';

export interface UnitProof {
  readonly plan: Plan;
  readonly taskId: TaskId;
  readonly tables: readonly PlannedTable[];
  readonly target: DatabaseConnection;
  readonly rewriter: Rewriter;
  readonly expect: ExpectTable;
  readonly signal: AbortSignal;
}

/** Rejects only with what isn't this unit's alone, such as a lost connection; then the caller destroys its
 *  connections. */
export async function proveUnit(
  proof: UnitProof,
): Promise<Pick<VerifiedUnit, 'verdict' | 'reason' | 'tables'>> {
  const { plan, tables, target } = proof;
  const names = tables.map(table => table.target);
  const live = await readTableNames(target, plan.target.database, names);
  const columns = await readColumns(target, plan.target.database, [...live]);
  const verified: VerifiedTable[] = [];
  for (const table of tables) {
    proof.signal.throwIfAborted();
    verified.push(await proveTable(table, columns.get(table.target), proof));
  }
  return { verdict: verified.some(isWrong) ? 'different' : 'proven', reason: null, tables: verified };
}

async function proveTable(
  table: PlannedTable,
  found: readonly Column[] | undefined,
  proof: UnitProof,
): Promise<VerifiedTable> {
  const nothing = { reason: null, expected: null, found: null, leftovers: [], left: [] };
  const base = { ...nothing, table: table.target };
  if (!found) return { ...base, verdict: 'missing' };
  const columns = includeHistory(table, found, 'target');
  try {
    const compared = await compare(table, columns, proof);
    const searched = await search(table, table.kind === 'merge' ? [] : columns, proof);
    return { ...base, ...compared, leftovers: searched.found, left: searched.left };
  } catch (error) {
    const failure = classifyDatabaseError(error, `verifying ${table.target}`);
    // A broken table is that table's trouble; a server that is gone is everybody's.
    if (proof.signal.aborted || failure.scope !== 'site') throw failure;
    return { ...base, verdict: 'not_comparable', reason: failure.message };
  }
}

async function compare(
  table: PlannedTable,
  columns: readonly Column[],
  proof: UnitProof,
): Promise<Pick<VerifiedTable, 'verdict' | 'reason' | 'expected' | 'found'>> {
  const expected = await proof.expect(table);
  if (typeof expected === 'string')
    return { verdict: 'not_comparable', reason: expected, expected: null, found: null };
  const { rows, checksum } = expected;
  const ordered = orderColumns(columns, expected, isJoinedByTarget(proof.plan, proof.taskId, table));
  if (typeof ordered === 'string')
    return { verdict: 'not_comparable', reason: ordered, expected: { rows, checksum }, found: null };
  const found = await readFigures(table, ordered, expected, proof);
  const verdict = judge(expected, found);
  const isMerged = verdict !== 'same' && holdsRowsOfTarget(proof.plan, proof.taskId, table);
  return { verdict: isMerged ? 'merged' : verdict, reason: null, expected: { rows, checksum }, found };
}

/** A checksum depends on the columns and their order. `mayHaveMore`: a table with rows of the target has the target's own
 *  columns as well, which were not copied. */
function orderColumns(
  columns: readonly Column[],
  expected: Expected,
  mayHaveMore: boolean,
): readonly Column[] | string {
  const stored = columns.filter(column => !column.isGenerated);
  if (expected.columns === null) return stored.filter(({ name }) => !expected.without?.includes(name));
  const byName = new Map(stored.map(column => [column.name, column]));
  const ordered = expected.columns.map(name => byName.get(name));
  const missing = expected.columns.filter(name => !byName.has(name));
  const known = new Set(expected.columns);
  const more = stored.filter(column => !known.has(column.name)).map(column => column.name);
  const added = mayHaveMore ? [] : more;
  if (missing.length === 0 && added.length === 0) return ordered.filter(column => column !== undefined);
  const parts = [
    ...(missing.length > 0 ? [`the target lacks the column ${missing.join(', ')}`] : []),
    ...(added.length > 0 ? [`the source lacks the column ${added.join(', ')}`] : []),
  ];
  return parts.join('; ');
}

/** Of the rows that were copied; where that isn't certain, of those that fit. */
async function readFigures(
  table: PlannedTable,
  columns: readonly Column[],
  expected: Figures,
  { plan, taskId, target }: UnitProof,
): Promise<Figures> {
  const name = { database: plan.target.database, name: table.target };
  const emptied = findRemade(plan.treatment, nameLogically(table.target, taskId, plan));
  let last: Figures | undefined;
  for (const rowFilter of listRowFilters(plan, taskId, table)) {
    const [found] = await readChecksums(target, [{ table: name, columns, rowFilter, emptied }]);
    last = found!;
    if (judge(expected, last) === 'same') return last;
  }
  if (!last) throw new MigrationError('unknown', `Nothing was read of ${table.target}.`);
  return last;
}

function judge(expected: Figures, found: Figures): 'same' | 'rows_differ' | 'content_differs' {
  if (found.rows !== expected.rows) return 'rows_differ';
  return found.checksum === expected.checksum ? 'same' : 'content_differs';
}

function search(table: PlannedTable, columns: readonly Column[], proof: UnitProof) {
  const { plan, taskId, target: connection, rewriter, signal } = proof;
  const name = nameLogically(table.target, taskId, plan);
  return findLeftovers({
    connection,
    table: { database: plan.target.database, name: table.target },
    columns: columns.filter(column => !column.isGenerated),
    rewriter,
    skipColumns: findColumns(plan.skipColumns, name, columns),
    base64Columns: findColumns(plan.base64Columns ?? [], name, columns),
    signal,
  });
}
