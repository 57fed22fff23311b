import { setTimeout as sleep } from 'node:timers/promises';
import { MigrationError } from '../errors.ts';
import type { PlannedTable } from '../migration/plan.ts';
import { NETWORK } from '../migration/task-ids.ts';
import { nameTask } from '../migration/words.ts';
import type { DefinedTable } from '../mysql/known-columns.ts';
import type { Column } from '../mysql/read-columns.ts';
import { type MadeTables, readMadeTables } from '../mysql/read-made-tables.ts';
import { NO_ROWS } from '../mysql/row-filter.ts';
import { type SentTable, verifyTables } from '../mysql/verify-tables.ts';
import { batchTables } from './batch-tables.ts';
import { includeHistory } from './include-history.ts';
import type { StepContext } from './step.ts';

/** What the target's server said of a site's tables just before they were held against what was sent. As long as it says
 *  the same, nobody has written to them since; but it counts in seconds, and so a write of the same second goes unseen. */
export class StagedProof {
  #before: MadeTables | null = null;

  /** `before`: null takes the proof back. */
  set(before: MadeTables | null): void {
    this.#before = before;
  }

  /** When the youngest of the tables was made. */
  get madeUpTo(): string {
    return (
      [...(this.#before?.tables.values() ?? [])]
        .map(table => table.createdAt)
        .sort()
        .at(-1) ?? ''
    );
  }

  get isMissing(): boolean {
    return this.#before === null;
  }

  /** `strictly`: only if a write since then would certainly show. */
  holds(now: MadeTables, { strictly }: { readonly strictly: boolean }): boolean {
    const before = this.#before;
    if (!before || before.tables.size !== now.tables.size) return false;
    return [...now.tables].every(([name, { createdAt, updatedAt }]) => {
      const then = before.tables.get(name);
      if (then?.createdAt !== createdAt || then.updatedAt !== updatedAt) return false;
      return !strictly || updatedAt < before.now;
    });
  }
}

/** Of a table that copy_tables never told of; no checksum reads like this. */
const NOTHING = { rows: 0, checksum: 'nothing was copied' };

/** Holds what is in the staging database (or live, after the cutover) against what was sent: row counts, and a checksum
 *  of the rewritten content on both sides. Rejects with `verification`. */
export async function proveRows(context: StepContext, where: 'staging' | 'live' = 'staging'): Promise<void> {
  const { plan, task, verify, signal, ownTables, proof } = context;
  const database = where === 'live' ? plan.target.database : plan.target.staging;
  if (where === 'staging') proof.set(await look(context));
  for (const batch of batchTables(task.tables)) {
    signal.throwIfAborted();
    const tables = await describeSent(batch, database, context);
    try {
      await context.watchTarget(target => verifyTables({ target, tables, mode: verify, signal }));
    } catch (error) {
      if (error instanceof MigrationError && error.code === 'verification') ownTables.suspectMeddling();
      throw error;
    }
  }
}

/** How often rows may change while they are proven. */
const MOST_PROOFS = 3;

/** Right before the swap: the staged tables are what was proven. Proves them again where the server doesn't say so. */
export async function requireProof(context: StepContext): Promise<void> {
  const { task, verify, ownTables, proof } = context;
  for (let tries = 0; ; tries += 1) {
    const now = await look(context);
    ownTables.refuseStagedStrangers(now.tables);
    if (proof.holds(now, { strictly: ownTables.isMeddledWith })) return;
    const isNew = proof.isMissing;
    if (!isNew) ownTables.suspectMeddling();
    // Rows that were merged in, and rows that were only counted, can't be told from others afterwards.
    const isProvable = task.taskId !== NETWORK && (verify === 'checksum' || isNew);
    if (!isProvable || tries >= MOST_PROOFS) throw refuseChanged(context);
    if (ownTables.isMeddledWith) await sleep(SECOND_MS);
    await proveRows(context);
  }
}

/** Then a write from before and one from now have different times. */
const SECOND_MS = 1_050;

/** After rows were added that were never sent. */
export async function trustRows(context: StepContext): Promise<void> {
  context.proof.set(await look(context));
}

async function look({ plan, task, connections }: StepContext): Promise<MadeTables> {
  const names = task.tables.map(table => table.target);
  return await readMadeTables(await connections.target(), plan.target.staging, names);
}

function refuseChanged({ plan, task }: StepContext): MigrationError {
  return new MigrationError(
    'verification',
    `Somebody writes to the tables of ${nameTask(task.taskId)} in ${plan.target.staging}: they are not what was proven.`,
    { hint: `Find out who does, then --resume ID --retry-failed copies the site again.` },
  );
}

async function describeSent(
  tables: readonly PlannedTable[],
  database: string,
  { connections, knownColumns, copiedTables, stagedDefinitions, verify }: StepContext,
): Promise<SentTable[]> {
  const names = tables.map(table => table.target);
  const describe = (columns: readonly (readonly Column[])[]): SentTable[] =>
    names.map((name, index) => ({
      table: { database, name },
      columns: includeHistory(tables[index]!, columns[index] ?? [], 'target'),
      sent: copiedTables.get(name) ?? NOTHING,
      // It has those of other tables, which are looked at themselves.
      ...(tables[index]!.kind === 'merge' ? { rowFilter: NO_ROWS } : {}),
    }));
  // Rows can be counted without, those of a history only by the columns of its period.
  if (verify !== 'checksum' && !tables.some(({ history }) => history)) return describe([]);
  const target = await connections.target();
  const defined: DefinedTable[] = [];
  for (const name of names)
    defined.push({ name, definition: await stagedDefinitions.read(target, { database, name }) });
  return describe(await knownColumns.read(target, database, defined));
}
