// Which rows may hold a source host, as a condition that the server judges. Never a false "no": where none of the
// searched columns has one of the rewriter's needles, the rewriter would neither change nor report a value of theirs.

import type { Rewriter } from '../rewrite/rewriter.ts';
import type { DatabaseConnection } from './client.ts';
import type { Column } from './read-columns.ts';
import { quoteName } from './table-names.ts';

/** No server has a lower max_allowed_packet. */
const MIN_PACKET_BYTES = 1024;

/** A condition that is true or false, never NULL, so that NOT gives exactly the other rows. */
export function buildHostSearch(
  connection: DatabaseConnection,
  rewriter: Rewriter,
  columns: readonly Column[],
): string {
  const patterns = rewriter.needles.map(needle =>
    connection.raw.escape(`%${needle.replaceAll(/[%_\\]/g, '\\$&')}%`),
  );
  if (patterns.length === 0 || columns.length === 0) return 'FALSE';
  // The first hit ends the search of a row: short values come first.
  const shortestFirst = columns.toSorted((a, b) => maxBytes(a) - maxBytes(b));
  return `IFNULL(${shortestFirst.flatMap(column => buildSearch(column, patterns)).join(' OR ')}, FALSE)`;
}

const maxBytes = (column: Column): number => column.maxLength ?? Number.POSITIVE_INFINITY;

function buildSearch(column: Column, patterns: readonly string[]): string[] {
  const name = quoteName(column.name);
  const hits = patterns.map(pattern => `${toSingleBytes(column)} LIKE ${pattern}`);
  // A value above the packet size is cast to NULL: it counts as a hit and is looked at here.
  return maxBytes(column) > MIN_PACKET_BYTES
    ? [...hits, `OCTET_LENGTH(${name}) >= @@max_allowed_packet`]
    : hits;
}

/** Byte-wise but without regard to the case of ASCII letters: as binary, then taken for latin1, which alters no byte.
 *  Searched in its own collation, the text would take the server five times as long. Wide text has to be converted. */
function toSingleBytes(column: Column): string {
  const name = quoteName(column.name);
  const isWide = column.isText && !column.isRewritable;
  return isWide ? `CONVERT(${name} USING latin1)` : `CONVERT(CAST(${name} AS BINARY) USING latin1)`;
}
