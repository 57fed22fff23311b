// The definition of a staging table, made from the source table's own.

import { quoteName } from './table-names.ts';

const NAME = '`(?:[^`]|``)+`';
const TEXT = String.raw`'(?:[^'\\]|\\.|'')*'`;

const PARTS = new RegExp(
  [
    // A reference to a table of the same database; one to `other`.`table` stays.
    String.raw`\bREFERENCES (?<referenced>${NAME})(?![.\x60])`,
    // Places on the source's disks, which the target doesn't have.
    String.raw`(?<place>\s+(?:DATA|INDEX) DIRECTORY\s*=\s*${TEXT}|\s+/\*!\d+ TABLESPACE ${NAME} \*/)`,
    // Names, comments and defaults, whatever they contain.
    `${NAME}|${TEXT}`,
  ].join('|'),
  'gs',
);

const REFERENCE = new RegExp(
  [String.raw`\bREFERENCES (?<place>${NAME}\.)?(?<table>${NAME})`, `${NAME}|${TEXT}`].join('|'),
  'gs',
);

/** The tables that the foreign keys of a definition refer to; one of another database with that. */
export function listReferences(showCreate: string): string[] {
  return showCreate
    .matchAll(REFERENCE)
    .flatMap(({ groups }) => {
      if (groups?.table === undefined) return [];
      const place = groups.place === undefined ? '' : `${unquoteName(groups.place.slice(0, -1))}.`;
      return [place + unquoteName(groups.table)];
    })
    .toArray();
}

/** Takes the text of SHOW CREATE TABLE. `rename` gives the new name of the table itself and of those that its foreign
 *  keys refer to. All else stays: keys, comments, AUTO_INCREMENT, row format, partitions. */
export function buildStagingDdl(
  showCreate: string,
  database: string,
  rename: (table: string) => string,
): string {
  const head = new RegExp(`^CREATE TABLE (${NAME})`).exec(showCreate);
  if (!head) throw new Error(`Not the definition of a table: ${showCreate.slice(0, 80)}`);
  const body = showCreate.slice(head[0].length).replaceAll(PARTS, (...match) => {
    const groups = match.at(-1) as { referenced?: string; place?: string };
    if (groups.place !== undefined) return '';
    if (groups.referenced === undefined) return match[0] as string;
    return `REFERENCES ${quoteName(rename(unquoteName(groups.referenced)))}`;
  });
  return `CREATE TABLE ${quoteName(database, rename(unquoteName(head[1]!)))}${body}`;
}

function unquoteName(quoted: string): string {
  return quoted.slice(1, -1).replaceAll('``', '`');
}
