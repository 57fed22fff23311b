// How rows get into a table of the target. Three ways that store the same bytes, held to one contract suite
// (test/contracts/loaders.test.ts): bulk-loader.ts where the server is a MariaDB, else load-data-loader.ts where it allows
// LOAD DATA LOCAL, insert-loader.ts where not.

import { MigrationError } from '../errors.ts';
import { classifyDatabaseError } from './classify.ts';
import type { DatabaseConnection, StatementResult } from './client.ts';
import type { Column } from './read-columns.ts';
import type { Row } from './row.ts';
import { quoteName } from './table-names.ts';

export interface TableName {
  readonly database: string;
  readonly name: string;
}

export interface Loader {
  /** Takes one row. A promise means: leave that Row alone, and write no further one, until it is fulfilled. */
  write(row: Row): Promise<void> | undefined;
  /** Sends what is left and waits until the server has stored it. Rejects when it stored fewer rows than it got, or
   *  altered a value on the way: nothing is cut or replaced silently. */
  finish(): Promise<void>;
  /** Never fulfilled; rejects as soon as the server ends the load, also while no row is on its way. After that the
   *  connection is good for nothing but destroying. */
  readonly failure: Promise<never>;
}

export interface LoadTarget {
  readonly connection: DatabaseConnection;
  readonly table: TableName;
  /** In the order of the rows' values; generated ones are not among them. */
  readonly columns: readonly Column[];
  readonly maxAllowedPacket: number;
  /** Of insert-loader.ts and bulk-loader.ts: the server takes LOAD DATA too, and a large row may go by it. */
  readonly largeRowsByLoadData?: boolean;
}

export function describeTable(table: TableName): string {
  return `${table.database}.${table.name}`;
}

/** For error texts. */
export function describeLoading({ table, connection }: LoadTarget): string {
  return `loading ${describeTable(table)} on ${connection.label}`;
}

/** The beginning of an INSERT, up to its VALUES. */
export function buildInsert({ table, columns }: LoadTarget): string {
  const names = columns.map(column => quoteName(column.name)).join(', ');
  return `INSERT INTO ${quoteName(table.database, table.name)} (${names})`;
}

export function refuseLargeRow(target: LoadTarget, statementBytes: number): MigrationError {
  const { table, connection, maxAllowedPacket } = target;
  return new MigrationError(
    'packet_too_large',
    `A row of ${describeTable(table)} makes a statement of ${statementBytes} bytes, more than max_allowed_packet (${maxAllowedPacket}) of ${connection.label}.`,
    { details: { statementBytes, maxAllowedPacket } },
  );
}

/** Types that take bytes without a character set for their binary form, and so have to be given text. */
export function needsCharset(column: Column): boolean {
  return ['json', 'uuid', 'inet4', 'inet6'].includes(column.dataType);
}

/** What a statement was given, to be held against what the server says of it. */
export class SentRows {
  count = 0;
  expectedWarnings = 0;
  readonly #warning: readonly number[];

  constructor(columns: readonly Column[]) {
    this.#warning = [...columns.keys()].filter(i => columns[i]!.warnsWhenEmpty);
  }

  add(row: Row): void {
    this.count++;
    for (const i of this.#warning)
      if (!row.isNull(i) && row.starts[i] === row.ends[i]) this.expectedWarnings++;
  }
}

/** Runs the statements of a loader that sends one after another, and tells when one fails. */
export class LoadStatements {
  readonly failure: Promise<never>;
  readonly #fail: (error: unknown) => void;
  readonly #doing: string;

  constructor(target: LoadTarget) {
    this.#doing = describeLoading(target);
    const failure = Promise.withResolvers<never>();
    this.failure = failure.promise;
    this.#fail = failure.reject;
    // Whoever never looks at it is told by `run`.
    this.failure.catch(() => {});
  }

  /** Rejects with a MigrationError. Nobody has to wait for it: `failure` tells as well. */
  run(step: () => Promise<unknown>): Promise<void> {
    const running = step().then(
      () => {},
      (error: unknown) => {
        const classified = classifyDatabaseError(error, this.#doing);
        this.#fail(classified);
        throw classified;
      },
    );
    running.catch(() => {});
    return running;
  }
}

const SHOWN_WARNINGS = 5;

/** The protocol has two bytes for it. */
const MAX_WARNING_COUNT = 0xff_ff;

/** The target's session has no strict mode, which would refuse what the source holds. So the server may cut or
 *  replace a value, and says so only in a warning; and LOAD DATA LOCAL leaves out rows with a duplicate key. */
export async function checkStored(
  target: LoadTarget,
  result: StatementResult,
  sent: SentRows,
): Promise<void> {
  const expectedRows = sent.count;
  if (
    result.warnings === Math.min(sent.expectedWarnings, MAX_WARNING_COUNT) &&
    result.affectedRows === expectedRows
  )
    return;
  const { connection } = target;
  const doing = describeLoading(target);
  let warnings: { Code: number; Message: string }[];
  try {
    warnings = await connection.query(`SHOW WARNINGS LIMIT ${SHOWN_WARNINGS}`);
  } catch (error) {
    throw classifyDatabaseError(error, doing);
  }
  const shown = warnings.map(warning => `${warning.Message} (${warning.Code})`);
  const reason = shown[0] ?? `${result.affectedRows} rows stored of ${expectedRows}`;
  throw new MigrationError('data', `The server altered or left out rows while ${doing}: ${reason}`, {
    details: {
      expectedRows,
      storedRows: result.affectedRows,
      warningCount: result.warnings,
      warnings: shown,
    },
  });
}

/** Bytes that a statement or file format has to mark with a backslash before them. */
export function markBytes(characters: string): Uint8Array {
  const marked = new Uint8Array(256);
  for (const byte of Buffer.from(characters, 'latin1')) marked[byte] = 1;
  return marked;
}

/** Writes `source[start..end)` to `out` from `at`, a backslash before each marked byte; at most twice as long.
 *  Returns where it ends. */
export function writeEscaped(
  out: Buffer,
  at: number,
  source: Buffer,
  start: number,
  end: number,
  marked: Uint8Array,
): number {
  let to = at;
  for (let i = start; i < end; i++) {
    const byte = source[i]!;
    if (marked[byte] === 1) out[to++] = BACKSLASH;
    out[to++] = byte;
  }
  return to;
}

export const BACKSLASH = 0x5c;
