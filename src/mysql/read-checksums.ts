import { classifyDatabaseError } from './classify.ts';
import type { DatabaseConnection } from './client.ts';
import { describeTable, type TableName } from './loader.ts';
import { buildNameMatch } from './match-names.ts';
import type { Column } from './read-columns.ts';
import { buildFrom, type RowFilter } from './row-filter.ts';
import { buildChecksumExpression, buildSelectExpression, formatChecksum } from './table-checksum.ts';

export interface ChecksumRequest {
  readonly table: TableName;
  /** As `copyTable` would be given them, and the filter too. None: only the rows are counted. */
  readonly columns: readonly Column[];
  readonly rowFilter?: RowFilter | null;
  readonly emptied?: EmptiedValues | null;
}

/** Values of one column that count as empty, whatever they are: those in rows of these names. */
export interface EmptiedValues {
  readonly column: string;
  readonly nameColumn: string;
  readonly names: readonly string[];
}

export interface Checksum {
  readonly rows: number;
  readonly checksum: string;
}

/** What `copyTable` would read now, without reading it: `rows` and `sourceChecksum` of its result. Of a table that was
 *  copied: `rows` and `checksum`. In one query, in the order of the requests. Rejects with a MigrationError. */
export async function readChecksums(
  connection: DatabaseConnection,
  requests: readonly ChecksumRequest[],
): Promise<Checksum[]> {
  const sql = requests.map((request, index) => buildSelect(connection, request, index)).join(' UNION ALL ');
  try {
    const rows = await connection.query<{ position: string; rows: string; checksum: string }>(sql);
    return rows
      .sort((a, b) => Number(a.position) - Number(b.position))
      .map(row => ({ rows: Number(row.rows), checksum: formatChecksum(row.checksum) }));
  } catch (error) {
    const names = requests.map(({ table }) => describeTable(table)).join(', ');
    throw classifyDatabaseError(error, `computing the checksum of ${names} on ${connection.label}`);
  }
}

function buildSelect(
  connection: DatabaseConnection,
  { table, columns, rowFilter, emptied }: ChecksumRequest,
  position: number,
): string {
  const checksum = buildChecksumExpression(
    columns.filter(column => !column.isGenerated),
    createReadValue(connection, emptied),
  );
  return `SELECT ${position} AS position, COUNT(*) AS \`rows\`, ${checksum} AS checksum
    ${buildFrom(connection, table, columns, rowFilter)}`;
}

function createReadValue(
  connection: DatabaseConnection,
  emptied: EmptiedValues | null | undefined,
): (column: Column) => string {
  return column => {
    const value = buildSelectExpression(column);
    if (column.name.toLowerCase() !== emptied?.column) return value;
    return `IF(${buildNameMatch(connection, emptied.nameColumn, emptied.names)}, '', ${value})`;
  };
}
