// What became of rows and values besides rewriting, over all sites: by the tables' names as WordPress knows them.

import { NETWORK_RULES, type SafetyRule } from '../policy/planned-treatment.ts';
import { copiedTables } from './copied-table.ts';
import type { StepState } from './fold-task.ts';
import { listUnits, type Unit } from './list-units.ts';
import { nameLogically } from './name-logically.ts';
import type { Plan } from './plan.ts';
import { type MigrationState, readTask } from './state.ts';
import type { TaskId } from './words.ts';

/** What one rule did in one table. */
export interface TreatedTable {
  readonly rule: string;
  readonly table: string;
  /** Left at the source. */
  readonly rows: number;
  /** Changed. */
  readonly values: number;
  readonly sites: number;
}

/** A table of which only the structure has travelled. */
export interface EmptiedTable {
  readonly rule: string;
  readonly table: string;
  readonly sites: number;
  /** About: as the source's server estimated when the plan was made. */
  readonly rows: number;
  readonly sizeBytes: number;
}

export interface TreatmentCounts {
  /** The rules of the target's policy; null: it has none. */
  readonly safetyRules: readonly SafetyRule[] | null;
  /** By rule in the order of their work, then the most first. */
  readonly treated: readonly TreatedTable[];
  /** The largest first. */
  readonly emptied: readonly EmptiedTable[];
}

/** Of what has been copied. */
export function countTreatment(plan: Plan, state: MigrationState): TreatmentCounts {
  const units = listUnits(plan).filter(({ taskId }) => findCopy(state, taskId)?.status === 'completed');
  const safetyRules = plan.treatment?.safety?.rules ?? null;
  return { safetyRules, treated: countTreated(units, plan, state), emptied: addUpEmptied(units, plan) };
}

/** Of the whole plan: what will not be carried. */
export function listEmptied(plan: Plan): EmptiedTable[] {
  return addUpEmptied(listUnits(plan), plan);
}

function findCopy(state: MigrationState, taskId: TaskId): StepState | undefined {
  return readTask(state, taskId).steps.copy_tables;
}

function addUpEmptied(units: readonly Unit[], plan: Plan): EmptiedTable[] {
  const sums = new Map<string, EmptiedTable>();
  for (const { taskId, tables } of units) {
    for (const { target, emptiedBy, rows, sizeBytes } of tables) {
      if (emptiedBy === undefined) continue;
      const table = nameLogically(target, taskId, plan);
      const known = sums.get(table) ?? { rule: emptiedBy, table, sites: 0, rows: 0, sizeBytes: 0 };
      sums.set(table, {
        ...known,
        sites: known.sites + 1,
        rows: known.rows + rows,
        sizeBytes: known.sizeBytes + sizeBytes,
      });
    }
  }
  return [...sums.values()].sort((a, b) => b.sizeBytes - a.sizeBytes || b.rows - a.rows);
}

function countTreated(units: readonly Unit[], plan: Plan, state: MigrationState): TreatedTable[] {
  const sums = new Map<string, TreatedTable>();
  for (const { taskId } of units) {
    for (const copied of copiedTables(findCopy(state, taskId))) {
      const table = nameLogically(copied.table, taskId, plan);
      for (const { rule, rows, values } of copied.treated ?? []) {
        const known = sums.get(`${rule} ${table}`) ?? { rule, table, rows: 0, values: 0, sites: 0 };
        sums.set(`${rule} ${table}`, {
          ...known,
          rows: known.rows + rows,
          values: known.values + values,
          sites: known.sites + 1,
        });
      }
    }
  }
  const order = [
    'skip_rows',
    ...(plan.treatment?.safety?.rules ?? []),
    'refresh_permalinks',
    ...NETWORK_RULES,
  ];
  return [...sums.values()].sort(
    (a, b) => order.indexOf(a.rule) - order.indexOf(b.rule) || b.rows + b.values - (a.rows + a.values),
  );
}
