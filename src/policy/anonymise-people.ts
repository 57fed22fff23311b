// H54 People become pseudonyms: users, who comments, who has ordered, who has filled in a form. Staff stay who they are.
// A user's login stays, unless it is an address: by it users are matched, and it says who wrote what.

import { MigrationError } from '../errors.ts';
import { createEditor, type EditText, editColumn, editColumnNamed } from './edit-column.ts';
import { editTexts } from './edit-texts.ts';
import { type EditValue, editKeyed, joinActions, SETTINGS } from './keyed-tables.ts';
import { ADDRESS_SETTINGS, PERSON_COLUMNS, PERSON_POSTMETA, PERSON_USERMETA } from './known-names.ts';
import { compileNames } from './match-value.ts';
import type { PlannedSafety } from './planned-treatment.ts';
import type { Pseudonyms } from './pseudonyms.ts';
import {
  findColumn,
  type RowAction,
  type RowRule,
  type TreatedColumn,
  type TreatedRow,
  type TreatedTable,
} from './row-rule.ts';

/** No password has this hash. */
const NO_PASSWORD = '*';

export function createAnonymisePeople(safety: PlannedSafety, pseudonyms: Pseudonyms): RowRule {
  const { name, addressesIn, any, isStaff } = pseudonyms;
  const staffIds = new Set(safety.staffIds);
  const isPersonal = compileNames([...PERSON_COLUMNS, ...safety.columns]);
  const [edit, editAddresses] = [inTexts(any), inTexts(addressesIn)];
  const empty: EditText = () => '';

  /** By the first of the columns the person's id, by the others a login or an address. */
  const unlessStaff = (table: TreatedTable, columns: readonly string[], act: RowAction | null) =>
    act && exceptFor(table, columns, (text, isId) => (isId ? staffIds.has(text) : isStaff(text)), act);

  const treatUser = (table: TreatedTable): RowAction | null =>
    joinActions([
      editSlug(table, any),
      editColumnNamed(table, 'user_login', text => (text.includes('@') ? any(text) : text)),
      editColumnNamed(table, 'user_email', addressesIn),
      editColumnNamed(table, 'display_name', name),
      editColumnNamed(table, 'user_url', empty),
      editColumnNamed(table, 'user_pass', () => NO_PASSWORD),
      editColumnNamed(table, 'user_activation_key', empty),
    ]);

  const treatComment = (table: TreatedTable): RowAction | null =>
    joinActions([
      editColumnNamed(table, 'comment_author', name),
      editColumnNamed(table, 'comment_author_email', addressesIn),
      editColumnNamed(table, 'comment_author_url', empty),
      editColumnNamed(table, 'comment_author_IP', empty),
      editColumnNamed(table, 'comment_agent', empty),
      editColumnNamed(table, 'comment_content', addressesIn),
    ]);

  return {
    name: 'anonymise_people',
    compile(table) {
      refuseMissing(table, safety.columns);
      return joinActions([
        table.name === 'users'
          ? unlessStaff(table, ['ID', 'user_login', 'user_email'], treatUser(table))
          : null,
        table.name === 'comments'
          ? unlessStaff(table, ['user_id', 'comment_author_email'], treatComment(table))
          : null,
        unlessStaff(table, ['user_id'], editKeyed(table, ['usermeta'], PERSON_USERMETA, edit)),
        editKeyed(table, ['postmeta'], PERSON_POSTMETA, edit),
        editKeyed(table, SETTINGS, ADDRESS_SETTINGS, editAddresses),
        ...table.columns.map((column, at) =>
          isPersonal(`${table.name}.${column.name}`) ? editColumn(table, at, any) : null,
        ),
      ]);
    },
  };
}

/** Patterns that name the table, and a column that it doesn't have. */
export function findMissingColumns(table: TreatedTable, patterns: readonly string[]): string[] {
  return patterns.filter(pattern => {
    const [name = '', column = ''] = pattern.split('.');
    return name.toLowerCase() === table.name.toLowerCase() && !table.columns.some(isNamed(column));
  });
}

/** A misspelled column would let people pass, and nobody would notice. The plan has said so already, but for a table
 *  that has come since. */
function refuseMissing(table: TreatedTable, patterns: readonly string[]): void {
  const [missing] = findMissingColumns(table, patterns);
  if (missing === undefined) return;
  throw new MigrationError(
    'config_invalid',
    `${missing} is to be anonymised, but ${table.name} has no such column.`,
    { hint: `Fix it in "safety.anonymise"; it has: ${table.columns.map(({ name }) => name).join(', ')}.` },
  );
}

function isNamed(pattern: string): (column: TreatedColumn) => boolean {
  const matches = compileNames([pattern]);
  return ({ name }) => matches(name);
}

function inTexts(edit: EditText): EditValue {
  const editor = createEditor(edit);
  return (value, key) => editTexts(value, key, editor);
}

function exceptFor(
  table: TreatedTable,
  columns: readonly string[],
  isExcepted: (text: string, isId: boolean) => boolean,
  act: RowAction,
): RowAction {
  const places = columns.map(column => findColumn(table, table.name, column));
  return row => {
    const isStaff = places.some((at, index) => at !== null && isExcepted(readText(row, at), index === 0));
    return isStaff ? 0 : act(row);
  };
}

const readText = (row: TreatedRow, at: number): string =>
  row.isNull(at) ? '' : row.value(at).toString('latin1');

/** The name in the address of an author's page is made from the login: where that is an address, it tells it. */
function editSlug(table: TreatedTable, any: EditText): RowAction | null {
  const login = findColumn(table, table.name, 'user_login');
  const slug = findColumn(table, table.name, 'user_nicename');
  if (login === null || slug === null) return null;
  return row => {
    const text = readText(row, login);
    if (!text.includes('@')) return 0;
    row.replace(
      slug,
      Buffer.from(
        any(text)
          .replaceAll(/[^a-z0-9]+/gi, '-')
          .toLowerCase(),
      ),
    );
    return 1;
  };
}
