import { MigrationError } from '../errors.ts';
import { editTexts } from './edit-texts.ts';
import { NOTHING } from './keyed-tables.ts';
import {
  findColumn,
  type RowAction,
  type TreatedColumn,
  type TreatedRow,
  type TreatedTable,
} from './row-rule.ts';

/** What a text, which is not empty, is replaced by. ASCII, so that bytes are characters. */
export type EditText = (text: string) => string;

const ZERO = Buffer.from('0');
const SPACE = 0x20;
const BYTES = /^(?:varbinary|tinyblob|blob|mediumblob|longblob)$/;
/** Always as long as the column: the server fills what is shorter with zeros. */
const FIXED_BYTES = /^(?:binary|bit)$/;
const NUMBERS = /^(?:tinyint|smallint|mediumint|int|bigint|decimal|float|double)$/;

/** Texts, also those within serialized data and JSON, become what `edit` says, as far as it fits; numbers become 0, bytes
 *  nothing, or zeros. Throws `config_invalid` for a column of times, of places or of fixed words. */
export function editColumn(table: TreatedTable, at: number, edit: EditText): RowAction {
  const column = table.columns[at]!;
  if (column.isText) return editText(column, at, edit);
  if (FIXED_BYTES.test(column.dataType)) return row => clearBytes(row, at);
  if (BYTES.test(column.dataType)) return row => replaceBy(row, at, NOTHING);
  if (isPlainNumber(column))
    return row => replaceBy(row, at, column.dataType === 'decimal' ? spellZero(row, at) : ZERO);
  throw new MigrationError(
    'config_invalid',
    `${table.name}.${column.name} is to be anonymised, but it is a column of type ${column.columnType}.`,
    { hint: 'Take it out of "safety.anonymise": only text, numbers and bytes can be.' },
  );
}

/** Can `editColumn` do anything there? */
export const isEditable = (column: TreatedColumn): boolean =>
  column.isText || FIXED_BYTES.test(column.dataType) || BYTES.test(column.dataType) || isPlainNumber(column);

const isPlainNumber = ({ dataType, columnType }: TreatedColumn): boolean =>
  NUMBERS.test(dataType) && !/zerofill/i.test(columnType);

/** The same for a column that the table may not have. */
export function editColumnNamed(table: TreatedTable, name: string, edit: EditText): RowAction | null {
  const at = findColumn(table, table.name, name);
  return at === null ? null : editColumn(table, at, edit);
}

function editText({ name, maxLength }: TreatedColumn, at: number, edit: EditText): RowAction {
  const editor = createEditor(edit);
  return row => {
    if (row.isNull(at)) return 0;
    const value = row.value(at);
    const edited = editTexts(value, name, editor);
    if (edited === value) return 0;
    return replaceBy(row, at, maxLength === null ? edited : cut(edited, maxLength));
  };
}

/** Not within a character, and without spaces at the end, which a CHAR would not keep. */
function cut(text: Buffer, most: number): Buffer {
  if (text.length <= most) return text;
  let end = most;
  while (end > 0 && (text[end]! & 0xc0) === 0x80) end--;
  while (end > 0 && text[end - 1] === SPACE) end--;
  return text.subarray(0, end);
}

/** As the server prints it: with as many decimals as any number of the column. */
function spellZero(row: TreatedRow, at: number): Buffer {
  const [, decimals = ''] = row.isNull(at) ? [] : row.value(at).toString('latin1').split('.');
  return decimals === '' ? ZERO : Buffer.from(`0.${'0'.repeat(decimals.length)}`);
}

export function createEditor(edit: EditText): Parameters<typeof editTexts>[2] {
  const text = (bytes: Buffer): Buffer => {
    if (bytes.length === 0) return bytes;
    const before = bytes.toString('latin1');
    const after = edit(before);
    return after === before ? bytes : Buffer.from(after, 'latin1');
  };
  // Nobody can read it, but a search finds the addresses in it.
  return { text, broken: text };
}

function clearBytes(row: TreatedRow, at: number): number {
  return row.isNull(at) ? 0 : replaceBy(row, at, Buffer.alloc(row.value(at).length));
}

function replaceBy(row: TreatedRow, at: number, value: Buffer): number {
  if (row.isNull(at) || row.value(at).equals(value)) return 0;
  row.replace(at, value);
  return 1;
}
