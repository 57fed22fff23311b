import type { DatabaseConnection } from './client.ts';
import { quoteName } from './table-names.ts';

/** A condition that is true or false, never NULL: the column's text is one of these names, in which `*` stands for any
 *  text. Compares as the column's collation does. */
export function buildNameMatch(
  connection: DatabaseConnection,
  column: string,
  patterns: readonly string[],
): string {
  const [wild, exact] = [patterns.filter(isWild), patterns.filter(pattern => !isWild(pattern))];
  const name = quoteName(column);
  const matches = [
    ...(exact.length > 0
      ? [`${name} IN (${exact.map(text => connection.raw.escape(text)).join(', ')})`]
      : []),
    ...wild.map(pattern => `${name} LIKE ${connection.raw.escape(toLike(pattern))}`),
  ];
  return matches.length > 0 ? `IFNULL(${matches.join(' OR ')}, FALSE)` : 'FALSE';
}

const isWild = (pattern: string): boolean => pattern.includes('*');

/** `*` stands for any text. */
export const toLike = (pattern: string): string => pattern.replaceAll(/[%_\\]/g, '\\$&').replaceAll('*', '%');
