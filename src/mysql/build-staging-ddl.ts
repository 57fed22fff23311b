// The definition of a staging table, made from the source table's own.

import { quoteName } from './table-names.ts';

const NAME = '`(?:[^`]|``)+`';
const TEXT = String.raw`'(?:[^'\\]|\\.|'')*'`;

const PARTS = new RegExp(
  [
    // A reference to a table of the same database; one to `other`.`table` stays.
    String.raw`\bREFERENCES (?<referenced>${NAME})(?![.\x60])`,
    // A sequence, which MariaDB names with its database.
    String.raw`\b(?<take>(?:nextval|lastval|setval)\()${NAME}\.(?<sequence>${NAME})`,
    // The tables that a MERGE table is made of. Without a database they would be those of the session's.
    String.raw`\bUNION=\((?<union>${NAME}(?:,${NAME})*)\)`,
    // Places on the source's disks, which the target doesn't have; and a server that only some engines make use of.
    String.raw`(?<place>\s+(?:DATA|INDEX) DIRECTORY\s*=\s*${TEXT}|\s+/\*!\d+ TABLESPACE ${NAME} \*/|\s+CONNECTION=${TEXT})`,
    // Names, comments and defaults, whatever they contain.
    `${NAME}|${TEXT}`,
  ].join('|'),
  'gs',
);

const EACH_NAME = new RegExp(NAME, 'g');

/** Takes the text of SHOW CREATE TABLE. `rename` gives the new name of the table itself and of those that its definition
 *  names: in foreign keys, as sequences, as parts of a MERGE table. All else stays: keys, comments, AUTO_INCREMENT, row
 *  format, partitions. */
export function buildStagingDdl(
  showCreate: string,
  database: string,
  rename: (table: string) => string,
): string {
  return renameParts(showCreate, { database, rename, own: name => quoteName(database, name) });
}

/** What SHOW CREATE TABLE of the table that this makes should say: a server leaves the table's own database out. */
export function expectShown(showCreate: string, database: string, rename: (table: string) => string): string {
  return renameParts(showCreate, { database, rename, own: name => quoteName(name) });
}

interface Names {
  readonly database: string;
  readonly rename: (table: string) => string;
  /** Writes a name where the table's own database is understood. */
  readonly own: (name: string) => string;
}

function renameParts(showCreate: string, { database, rename, own }: Names): string {
  const head = new RegExp(`^CREATE TABLE (${NAME})`).exec(showCreate);
  if (!head) throw new Error(`Not the definition of a table: ${showCreate.slice(0, 80)}`);
  const inPlace = (quoted: string): string => own(rename(unquoteName(quoted)));
  const body = showCreate.slice(head[0].length).replaceAll(PARTS, (...match) => {
    const { referenced, take, sequence, union, place } = match.at(-1) as Partial<Record<string, string>>;
    if (place !== undefined) return '';
    if (referenced !== undefined) return `REFERENCES ${quoteName(rename(unquoteName(referenced)))}`;
    if (sequence !== undefined) return `${take}${quoteName(database, rename(unquoteName(sequence)))}`;
    if (union !== undefined)
      return `UNION=(${[...union.matchAll(EACH_NAME)].map(([name]) => inPlace(name)).join(',')})`;
    return match[0] as string;
  });
  return `CREATE TABLE ${inPlace(head[1]!)}${body}`;
}

function unquoteName(quoted: string): string {
  return quoted.slice(1, -1).replaceAll('``', '`');
}
