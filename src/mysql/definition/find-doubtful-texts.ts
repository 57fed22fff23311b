// The catalogs of both servers keep names and definitions in three-byte UTF-8: of an emoji in a default, in a member of an
// ENUM or in a comment, SHOW CREATE TABLE shows a question mark. (In expressions it doesn't.)

import { readCollation } from './describe-definition.ts';
import { type ColumnPart, type Definition, findPart, type Part } from './parse-definition.ts';
import { isWord } from './tokens.ts';

const HAS_MORE = /^(?:utf8mb4|utf16|utf16le|utf32)_/;

/** Columns that may hold such text at all. */
function listWide(definition: Definition): ColumnPart[] {
  return definition.columns.filter(column => HAS_MORE.test(readCollation(column, definition)));
}

/** Columns with a member that is shown with a question mark: what it is, the server doesn't tell. */
export function findDoubtfulMembers(definition: Definition): string[] {
  return listWide(definition)
    .filter(({ type }) => isWord(type[0], 'enum', 'set'))
    .filter(({ type }) => type.some(token => token.kind === 'text' && token.value.includes('?')))
    .map(column => column.name);
}

/** Defaults that are shown with a question mark. What they are the server tells when it is asked for their bytes. */
export function findDoubtfulDefaults(
  definition: Definition,
): { readonly column: string; readonly shown: string; readonly value: Part }[] {
  // A member that isn't known can't be named as the default, either.
  const columns = listWide(definition).filter(({ type }) => !isWord(type[0], 'enum', 'set'));
  return columns.flatMap(column => {
    const value = findPart(column, 'default');
    const [literal] = value?.value ?? [];
    if (value?.value.length !== 1 || literal?.kind !== 'text' || !literal.value.includes('?')) return [];
    return [{ column: column.name, shown: literal.value, value }];
  });
}
