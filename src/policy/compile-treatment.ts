import { MigrationError } from '../errors.ts';
import {
  DROPPED,
  type RowAction,
  type RowOutcome,
  type RowRule,
  type RuleCount,
  type TableTreatment,
  type TreatedRow,
  type TreatedTable,
} from './row-rule.ts';

/** null: no rule has anything to do with the table, as with nearly all. Throws `schema` where a rule can't read it. */
export function compileTreatment(rules: readonly RowRule[], table: TreatedTable): TableTreatment | null {
  const applied = rules.flatMap(rule => {
    const act = rule.compile(table);
    return act ? [{ rule: rule.name, act, rows: 0, values: 0 }] : [];
  });
  if (applied.length === 0) return null;
  refuseUnreadable(table, applied);
  return new Treatment(applied);
}

interface Applied {
  readonly rule: string;
  readonly act: RowAction;
  rows: number;
  values: number;
}

class Treatment implements TableTreatment {
  readonly #applied: readonly Applied[];

  constructor(applied: readonly Applied[]) {
    this.#applied = applied;
  }

  treat(row: TreatedRow): RowOutcome {
    let outcome: RowOutcome = 'same';
    for (const applied of this.#applied) {
      const done = applied.act(row);
      if (done === DROPPED) {
        applied.rows++;
        return 'dropped';
      }
      if (done === 0) continue;
      applied.values += done;
      outcome = 'changed';
    }
    return outcome;
  }

  get counts(): readonly RuleCount[] {
    return this.#applied
      .filter(({ rows, values }) => rows + values > 0)
      .map(({ rule, rows, values }) => ({ rule, rows, values }));
  }
}

/** Names in utf16 match nothing: keys and addresses would pass, and nobody would notice. */
function refuseUnreadable({ name, columns }: TreatedTable, applied: readonly Applied[]): void {
  const wide = columns.filter(column => column.isText && !column.isRewritable);
  if (wide.length === 0) return;
  const rules = applied.map(({ rule }) => rule).join(', ');
  throw new MigrationError(
    'schema',
    `${wide.map(column => `${name}.${column.name}`).join(', ')}: in a character set that ${rules} can't read.`,
    { hint: 'Convert the columns to utf8mb4, or switch these rules off for this target.' },
  );
}
