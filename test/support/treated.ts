// One row of a table, given to rules as it would be on its way, and what is left of it.

import { compileTreatment } from '../../src/policy/compile-treatment.ts';
import type { RowOutcome, RowRule, RuleCount, TreatedColumn, TreatedRow } from '../../src/policy/row-rule.ts';

/** text: `{ option_name: 'cron' }`; a number stands for a column of integers, null for a NULL of text. */
export type Fields = Readonly<Record<string, string | number | Buffer | null>>;

export interface Treated {
  readonly outcome: RowOutcome | 'untouched table';
  readonly row: Record<string, string | null>;
  readonly counts: readonly RuleCount[];
}

export function treat(
  rules: readonly RowRule[],
  table: string,
  fields: Fields,
  over: Partial<TreatedColumn> = {},
): Treated {
  const names = Object.keys(fields);
  const values = Object.values(fields);
  const columns = names.map((name, index): TreatedColumn => {
    const isText = typeof values[index] !== 'number';
    return {
      name,
      dataType: isText ? 'longtext' : 'bigint',
      columnType: isText ? 'longtext' : 'bigint(20)',
      isText,
      isRewritable: isText,
      isBinary: false,
      maxLength: null,
      isGenerated: false,
      ...over,
    };
  });
  const row = new FakeRow(values.map(toBytes));
  const treatment = compileTreatment(rules, { name: table, columns });
  const outcome = treatment?.treat(row) ?? 'untouched table';
  const after = names.map((name, index) => [name, row.isNull(index) ? null : row.value(index).toString()]);
  return { outcome, row: Object.fromEntries(after), counts: treatment?.counts ?? [] };
}

function toBytes(value: Fields[string]): Buffer | null {
  if (value === null || Buffer.isBuffer(value)) return value;
  return Buffer.from(String(value));
}

class FakeRow implements TreatedRow {
  readonly buffers: Buffer[];
  readonly starts: number[];
  readonly ends: number[];

  constructor(values: readonly (Buffer | null)[]) {
    this.buffers = values.map(value => value ?? Buffer.alloc(0));
    this.starts = values.map(value => (value === null ? -1 : 0));
    this.ends = values.map(value => (value === null ? -1 : value.length));
  }

  isNull(column: number): boolean {
    return this.starts[column] === -1;
  }

  value(column: number): Buffer {
    return this.buffers[column]!.subarray(this.starts[column], this.ends[column]);
  }

  replace(column: number, value: Buffer): void {
    this.buffers[column] = value;
    this.starts[column] = 0;
    this.ends[column] = value.length;
  }
}
