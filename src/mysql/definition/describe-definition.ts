// What a definition says, property by property, in words that don't depend on the server that has printed it. What servers
// print differently and mean alike is made alike here, and nowhere else:
//
//   int(11) and int · DEFAULT '0' and DEFAULT 0 · DEFAULT NULL and none · current_timestamp() and CURRENT_TIMESTAMP ·
//   utf8 and utf8mb3 · a character set and its default collation · json, and longtext with CHECK (json_valid(…)) · a CHECK
//   of a column and one of the table · USING BTREE and none · ON DELETE RESTRICT and none · INVISIBLE and IGNORED keys ·
//   comments that only some servers read · parentheses and introducers in expressions · the order of keys
//
// The next number that the table gives out is left out: it is the rows', and is looked at with them.

import {
  type ColumnPart,
  type ConstraintPart,
  type Definition,
  findOption,
  findPart,
  type Part,
} from './parse-definition.ts';
import { isSign, isWord, type Token } from './tokens.ts';
import { writeExpression, writeNumber } from './write-expression.ts';

/** By property, such as `column url: default`. */
type Description = ReadonlyMap<string, string>;

export function describeDefinition(definition: Definition): Description {
  const said = new Map<string, string>();
  const collation = describeTableCollation(definition);
  said.set('default collation', collation);
  for (const [index, column] of definition.columns.entries()) {
    const name = `column ${column.name}`;
    said.set(`${name}: place`, String(index + 1));
    for (const [property, value] of describeColumn(column, definition))
      said.set(`${name}: ${property}`, value);
  }
  for (const key of definition.keys) {
    const name = key.kind === 'primary' ? 'primary key' : `key ${key.name}`;
    said.set(name, `${key.kind} (${key.over.map(writeKeyColumn).join(', ')})`);
    for (const [property, value] of describeParts(key.parts, describeKeyPart))
      said.set(`${name}: ${property}`, value);
  }
  for (const [property, value] of describeConstraints(definition)) said.set(property, value);
  for (const option of definition.options) {
    const value = describeOption(option);
    if (value !== null) said.set(`table: ${option.name}`, value);
  }
  if (definition.partitions.length > 0) said.set('partitions', writeExpression(definition.partitions));
  return said;
}

// ---------------------------------------------------------------- columns

const TEXT = /^(?:char|varchar|tinytext|text|mediumtext|longtext|enum|set)\b/;
const NUMERIC = /^(?:tinyint|smallint|mediumint|int|bigint|decimal|float|double|year|bit)\b/;

function describeColumn(column: ColumnPart, definition: Definition): [string, string][] {
  const isJson = isJsonColumn(column, definition);
  const type = isJson ? 'json' : writeType(column.type);
  const said: [string, string][] = [['type', type]];
  if (TEXT.test(type)) said.push(['collation', readCollation(column, definition)]);
  said.push(...describeParts(column.parts, part => describeColumnPart(part, type, isJson)));
  return said;
}

/** MySQL's own type; MariaDB writes what it makes of it, and its collation only where the table has another. */
export function isJsonColumn(column: ColumnPart, definition: Definition): boolean {
  if (isWord(column.type[0], 'json')) return true;
  return (
    isWord(column.type[0], 'longtext') &&
    readCollation(column, definition) === 'utf8mb4_bin' &&
    isJsonCheck(findPart(column, 'check'), column.name)
  );
}

const isJsonCheck = (check: Part | undefined, column: string): boolean =>
  check !== undefined && writeExpression(check.value) === `json_valid ( ${column.toLowerCase()} )`;

/** Without the width at which a number is shown, which only ZEROFILL makes something of. */
function writeType(tokens: readonly Token[]): string {
  const words = tokens.map(token => (token.kind === 'text' ? JSON.stringify(token.value) : token.value));
  const type = words.join('').replace(/(unsigned|zerofill)/g, ' $1');
  const plain = type.replace(/^geomcollection\b/, 'geometrycollection');
  return plain.includes('zerofill')
    ? plain
    : plain.replace(/^(tinyint|smallint|mediumint|int|bigint|year)\(\d+\)/, '$1');
}

function describeColumnPart(part: Part, type: string, isJson: boolean): string | null {
  const { name, value } = part;
  if (name === 'charset' || name === 'collate') return null;
  if (name === 'check') return null;
  if (name === 'null') return value.length === 2 ? 'not null' : null;
  if (name === 'kind') return isWord(value[0], 'persistent') ? 'stored' : value[0]!.value;
  if (name === 'default') return describeDefault(value, type);
  if (name === 'invisible') return isWord(value[0], 'visible') ? null : 'invisible';
  if (name === 'comment') return JSON.stringify(value[0]?.value ?? '');
  if (isJson && name === 'on update') return null;
  return writeExpression(value);
}

function describeDefault(tokens: readonly Token[], type: string): string | null {
  const text = writeExpression(tokens);
  if (text === 'null') return null;
  const [first, second] = listPlain(tokens);
  const bytes = first && readBytes(first, second, readIntroducer(tokens));
  if (!NUMERIC.test(type)) {
    const literal = bytes ?? (first?.kind === 'text' ? first.value : undefined);
    if (literal === undefined) return text;
    // A server fills it up to the column's length, or leaves that to the row.
    return showText(type.startsWith('binary(') ? literal.replace(/\0+$/, '') : literal);
  }
  const literal = first?.kind === 'text' ? first.value : tokens.map(token => token.value).join('');
  return writeNumber(literal) ?? text;
}

/** Without parentheses and the introducer of a character set; of an expression nothing. */
function listPlain(tokens: readonly Token[]): readonly Token[] {
  const inner = tokens.filter(
    token =>
      !isSign(token, '(') && !isSign(token, ')') && !(token.kind === 'word' && token.value.startsWith('_')),
  );
  return inner.length <= 2 ? inner : [];
}

/** What lies beyond Unicode's first plane is a question mark to MariaDB. */
const showText = (text: string): string => JSON.stringify(text.replaceAll(/[\u{10000}-\u{10ffff}]/gu, '?'));

const readIntroducer = (tokens: readonly Token[]): string =>
  tokens.find(token => token.kind === 'word' && token.value.startsWith('_'))?.value.slice(1) ?? '';

/** TextDecoder's names of character sets; the others are read as UTF-8. */
const DECODERS: Readonly<Record<string, string>> = {
  utf16: 'utf-16be',
  ucs2: 'utf-16be',
  utf16le: 'utf-16le',
};

/** 0xF09F8E89, x'F09F8E89': MySQL writes so what the character set of its catalog doesn't have. */
function readBytes(first: Token, second: Token | undefined, charset: string): string | undefined {
  const hex = first.value.startsWith('0x')
    ? first.raw.slice(2)
    : isWord(first, 'x')
      ? second?.value
      : undefined;
  if (hex === undefined) return undefined;
  const bytes = Buffer.from(hex, 'hex');
  if (charset === 'utf32') return decodeUtf32(bytes);
  return new TextDecoder(DECODERS[charset] ?? 'utf-8').decode(bytes);
}

function decodeUtf32(bytes: Buffer): string {
  let text = '';
  for (let at = 0; at + 4 <= bytes.length; at += 4) text += String.fromCodePoint(bytes.readUInt32BE(at));
  return text;
}

// ---------------------------------------------------------------- collations

/** Of the others it is that with `_general_ci`. */
const DEFAULT_COLLATIONS: Readonly<Record<string, string>> = {
  latin1: 'latin1_swedish_ci',
  latin5: 'latin5_turkish_ci',
  swe7: 'swe7_swedish_ci',
  dec8: 'dec8_swedish_ci',
  hp8: 'hp8_english_ci',
  binary: 'binary',
  big5: 'big5_chinese_ci',
  gbk: 'gbk_chinese_ci',
  gb2312: 'gb2312_chinese_ci',
  gb18030: 'gb18030_chinese_ci',
  sjis: 'sjis_japanese_ci',
  ujis: 'ujis_japanese_ci',
  cp932: 'cp932_japanese_ci',
  eucjpms: 'eucjpms_japanese_ci',
  euckr: 'euckr_korean_ci',
  tis620: 'tis620_thai_ci',
};

/** A server prints none only where it is the character set's default. (A MySQL always prints utf8mb4's.) */
export const defaultCollation = (charset: string): string =>
  DEFAULT_COLLATIONS[charset] ?? `${charset}_general_ci`;

export function describeTableCollation(definition: Definition): string {
  const collate = findOption(definition, 'collate')?.value[0]?.value;
  const charset = findOption(definition, 'charset')?.value[0]?.value;
  return nameCollation(collate ?? defaultCollation(nameCharset(charset ?? 'latin1')));
}

function describeCollation(column: ColumnPart, tableCollation: string): string {
  const collate = findPart(column, 'collate')?.value[0]?.value;
  const charset = findPart(column, 'charset')?.value[0]?.value;
  if (collate !== undefined) return nameCollation(collate);
  return charset === undefined ? tableCollation : nameCollation(defaultCollation(nameCharset(charset)));
}

/** Of a column of text, whether it says one or has the table's. */
export const readCollation = (column: ColumnPart, definition: Definition): string =>
  describeCollation(column, describeTableCollation(definition));

const nameCharset = (charset: string): string => (charset === 'utf8' ? 'utf8mb3' : charset);
const nameCollation = (collation: string): string => collation.toLowerCase().replace(/^utf8_/, 'utf8mb3_');

// ---------------------------------------------------------------- keys, constraints, options

function writeKeyColumn(tokens: readonly Token[]): string {
  const isExpression = isSign(tokens[0], '(');
  const last = tokens.at(-1);
  const shown = isWord(last, 'asc') ? tokens.slice(0, -1) : tokens;
  if (isExpression) return writeExpression(shown);
  return shown
    .map(token => token.value.toLowerCase())
    .join(' ')
    .replace(/ \( (\d+) \)/, '($1)');
}

function describeKeyPart({ name, value }: Part): string | null {
  if (name === 'using') return isWord(value[0], 'btree') ? null : value[0]!.value;
  if (name === 'invisible') return isWord(value[0], 'visible') ? null : 'invisible';
  if (name === 'comment') return JSON.stringify(value[0]?.value ?? '');
  return writeExpression(value);
}

/** By what they demand: MariaDB gives a CHECK of a column no name, MySQL makes one up. */
function describeConstraints(definition: Definition): [string, string][] {
  const { columns, constraints } = definition;
  const ofColumns = columns.flatMap(column => {
    const check = findPart(column, 'check');
    return check && !isJsonColumn(column, definition) ? [describeCheck(check.value, '', true)] : [];
  });
  return [
    ...ofColumns,
    ...constraints.map((constraint): [string, string] => {
      if (constraint.kind === 'check') {
        const enforced = !isWord(findPart(constraint, 'enforced')?.value[0], 'not');
        return describeCheck(constraint.value, constraint.name, enforced);
      }
      const property = `${constraint.kind} ${constraint.name}`.trim();
      return [property, writeForeignKey(constraint)];
    }),
  ];
}

const describeCheck = (condition: readonly Token[], name: string, isEnforced: boolean): [string, string] => [
  `check ${writeExpression(condition)}`,
  `${name}${isEnforced ? '' : ' not enforced'}`,
];

const writeForeignKey = ({ value }: ConstraintPart): string =>
  writeExpression(value).replaceAll(/ on (?:delete|update) (?:restrict|no action)/g, '');

/** Said elsewhere, or of the rows. */
const NOT_OPTIONS = new Set(['auto_increment', 'charset', 'collate']);

function describeOption({ name, value }: Part): string | null {
  if (NOT_OPTIONS.has(name)) return null;
  const [first] = value;
  if (value.length === 1) return first!.kind === 'text' ? JSON.stringify(first!.value) : first!.value;
  return writeExpression(value);
}

function describeParts(parts: readonly Part[], describe: (part: Part) => string | null): [string, string][] {
  return parts.flatMap(part => {
    const value = describe(part);
    return value === null ? [] : [[part.name, value] as [string, string]];
  });
}
