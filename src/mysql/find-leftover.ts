// The search for what a migration must not leave behind: text in staged rows that still names a source host. The
// server finds the rows that hold one of the rewriter's needles at all; only these come here, and the rewriter is
// asked whether it would change them still. Values that it leaves for a reason (e-mail addresses, broken serialized
// data, other hosts that contain ours) are no leftovers.

import type { Rewriter } from '../rewrite/rewriter.ts';
import type { DatabaseConnection } from './client.ts';
import { readRows } from './driver.ts';
import type { TableName } from './loader.ts';
import type { Column } from './read-columns.ts';
import { describeRow, Row } from './row.ts';
import { fitsColumn } from './row-rewriter.ts';
import { quoteName } from './table-names.ts';

export interface Leftover {
  readonly column: string;
  readonly key: string;
}

export interface FindLeftoverOptions {
  readonly target: DatabaseConnection;
  readonly table: TableName;
  readonly columns: readonly Column[];
  readonly rewriter: Rewriter;
  readonly skipColumns?: ReadonlySet<string>;
}

/** The first value that should have been rewritten, or undefined. */
export async function findLeftover(options: FindLeftoverOptions): Promise<Leftover | undefined> {
  const { target, columns, rewriter, skipColumns } = options;
  const searched = columns.filter(column => column.isRewritable && !skipColumns?.has(column.name));
  if (searched.length === 0 || rewriter.needles.length === 0) return undefined;
  const keys = columns.filter(column => column.isKey && !searched.includes(column));
  const fetched = [...searched, ...keys];
  const row = new Row(fetched.length);
  let found: Leftover | undefined;
  let rows = 0;
  await readRows(target.raw, buildSelect(options, fetched, searched), (packet, start) => {
    row.read(packet, start);
    rows++;
    for (let i = 0; i < searched.length && !found; i++) {
      if (row.isNull(i) || !rewriter.mayMatch(packet, row.starts[i]!, row.ends[i]!)) continue;
      const result = rewriter.rewrite(row.value(i));
      // What wouldn't fit its column was reported by the copy.
      if (!result.changed || !fitsColumn(searched[i]!, result.value)) continue;
      found = { column: searched[i]!.name, key: describeRow(row, fetched, rows) };
    }
    return undefined;
  });
  return found;
}

/** No server has a lower max_allowed_packet. */
const MIN_PACKET_BYTES = 1024;

function buildSelect(
  { target, table, rewriter }: FindLeftoverOptions,
  fetched: readonly Column[],
  searched: readonly Column[],
): string {
  const names = fetched.map(column => quoteName(column.name)).join(', ');
  const patterns = rewriter.needles.map(needle =>
    target.raw.escape(`%${needle.replaceAll(/[%_\\]/g, '\\$&')}%`),
  );
  const hits = searched.flatMap(column => buildSearch(column, patterns));
  return `SELECT ${names} FROM ${quoteName(table.database, table.name)} WHERE ${hits.join(' OR ')}`;
}

/** Byte-wise but without regard to the case of ASCII letters: as binary, then taken for latin1, which alters no
 *  byte. Searched in its own collation, the text would take the server five times as long. */
function buildSearch(column: Column, patterns: readonly string[]): string[] {
  const name = quoteName(column.name);
  const hits = patterns.map(pattern => `CONVERT(CAST(${name} AS BINARY) USING latin1) LIKE ${pattern}`);
  // A value above the packet size is cast to NULL; it is fetched to be looked at here.
  const mayBeLarge = column.maxLength === null || column.maxLength > MIN_PACKET_BYTES;
  return mayBeLarge ? [...hits, `OCTET_LENGTH(${name}) >= @@max_allowed_packet`] : hits;
}
