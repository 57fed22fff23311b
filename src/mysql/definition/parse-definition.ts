// The parts of a table's definition, as SHOW CREATE TABLE of MariaDB and MySQL prints them, with their places in the
// text. What it doesn't know is kept as it stands: nothing of a definition is passed over.

import { findClosing, isSign, isWord, readTokens, splitAtCommas, type Token } from './tokens.ts';

/** Something that is said of a column, a key, a constraint or the table. */
export interface Part {
  /** In lower case: `default`, `comment`, `row_format`. */
  readonly name: string;
  /** All of it. */
  readonly tokens: readonly Token[];
  /** What is said, without the words that say what of. */
  readonly value: readonly Token[];
  /** With the comment around it that only some servers read. */
  readonly start: number;
  readonly end: number;
}

interface Item {
  readonly start: number;
  readonly end: number;
  readonly parts: readonly Part[];
}

export interface ColumnPart extends Item {
  readonly name: string;
  /** With its length, members, `unsigned` and `zerofill`. */
  readonly type: readonly Token[];
}

export interface KeyPart extends Item {
  readonly kind: 'primary' | 'unique' | 'key' | 'fulltext' | 'spatial' | 'vector';
  /** Empty: of the primary key. */
  readonly name: string;
  /** What it is over: a name with a length and an order, or an expression. */
  readonly over: readonly (readonly Token[])[];
}

export interface ConstraintPart extends Item {
  readonly kind: 'foreign key' | 'check' | 'other';
  readonly name: string;
  /** Of a foreign key all of it, of a CHECK its condition. */
  readonly value: readonly Token[];
}

export interface Definition {
  readonly table: string;
  readonly columns: readonly ColumnPart[];
  readonly keys: readonly KeyPart[];
  readonly constraints: readonly ConstraintPart[];
  readonly options: readonly Part[];
  /** From PARTITION BY on; none: empty. */
  readonly partitions: readonly Token[];
}

/** Throws for what is no table's definition, as a view's. */
export function parseDefinition(text: string): Definition {
  const tokens = readTokens(text);
  const open = tokens.findIndex(token => isSign(token, '('));
  if (!isWord(tokens[0], 'create') || !isWord(tokens[1], 'table') || tokens[2]?.kind !== 'name' || open !== 3)
    throw new Error(`Not the definition of a table: ${text.slice(0, 80)}`);
  const close = findClosing(tokens, open);
  const items = splitAtCommas(tokens.slice(open + 1, close));
  const rest = tokens.slice(close + 1);
  const partitioned = rest.findIndex((token, at) => isWord(token, 'partition') && isWord(rest[at + 1], 'by'));
  const cut = partitioned < 0 ? rest.length : partitioned;
  return {
    table: tokens[2].value,
    columns: items.filter(isColumn).map(readColumn),
    keys: items.filter(isKey).map(readKey),
    constraints: items.filter(item => !isColumn(item) && !isKey(item)).map(readConstraint),
    options: readOptions(rest.slice(0, cut)),
    partitions: rest.slice(cut),
  };
}

const isColumn = (item: readonly Token[]): boolean => item[0]!.kind === 'name';
const isKey = (item: readonly Token[]): boolean =>
  isWord(item[0], 'primary', 'unique', 'key', 'fulltext', 'spatial', 'vector');

function place(tokens: readonly Token[]): { start: number; end: number } {
  const [first, last] = [tokens[0]!, tokens.at(-1)!];
  return { start: first.comment?.start ?? first.start, end: last.comment?.end ?? last.end };
}

// ---------------------------------------------------------------- columns

function readColumn(tokens: readonly Token[]): ColumnPart {
  let at = 2;
  if (isSign(tokens[at], '(')) at = findClosing(tokens, at) + 1;
  while (isWord(tokens[at], 'unsigned', 'signed', 'zerofill', 'precision', 'varying')) at++;
  const parts = readParts(tokens, at, COLUMN_WORDS);
  return { name: tokens[0]!.value, type: tokens.slice(1, at), parts, ...place(tokens) };
}

/** What a part begins with, and the name that it is given here. */
const COLUMN_WORDS: ReadonlyMap<string, string> = new Map([
  ['character set', 'charset'],
  ['collate', 'collate'],
  ['generated always as', 'generated'],
  ['virtual', 'kind'],
  ['stored', 'kind'],
  ['persistent', 'kind'],
  ['not null', 'null'],
  ['null', 'null'],
  ['invisible', 'invisible'],
  ['visible', 'invisible'],
  ['with system versioning', 'versioning'],
  ['without system versioning', 'versioning'],
  ['default', 'default'],
  ['on update', 'on update'],
  ['auto_increment', 'auto_increment'],
  ['comment', 'comment'],
  ['check', 'check'],
  ['srid', 'srid'],
  ['storage', 'storage'],
  ['column_format', 'column_format'],
  ['engine_attribute', 'engine_attribute'],
  ['secondary_engine_attribute', 'secondary_engine_attribute'],
  ['compressed', 'compressed'],
  ['ref_system_id', 'ref_system_id'],
]);

const KEY_WORDS: ReadonlyMap<string, string> = new Map([
  ['using', 'using'],
  ['comment', 'comment'],
  ['with parser', 'parser'],
  ['invisible', 'invisible'],
  ['visible', 'invisible'],
  ['ignored', 'invisible'],
  ['key_block_size', 'key_block_size'],
  ['clustering', 'clustering'],
  ['engine_attribute', 'engine_attribute'],
  ['not enforced', 'enforced'],
  ['enforced', 'enforced'],
]);

/** Cut where a known word begins, or a name in backquotes: an option of the engine. */
function readParts(tokens: readonly Token[], from: number, words: ReadonlyMap<string, string>): Part[] {
  const parts: Part[] = [];
  let at = from;
  while (at < tokens.length) {
    const begin = findWords(tokens, at, words);
    // At least one token, and of a value its first: DEFAULT NULL, COMMENT 'x'.
    let end = at + Math.max(begin?.length ?? 1, 1);
    const takesValue = begin !== null && !BARE.has(begin.name);
    if (takesValue && end < tokens.length)
      end = isSign(tokens[end], '(') ? findClosing(tokens, end) + 1 : end + 1;
    while (takesValue && end < tokens.length && !findWords(tokens, end, words) && !isOption(tokens, end))
      end = isSign(tokens[end], '(') ? findClosing(tokens, end) + 1 : end + 1;
    if (begin === null && isOption(tokens, at)) end = Math.min(at + 3, tokens.length);
    const all = tokens.slice(at, end);
    const value = begin === null ? all : all.slice(BARE.has(begin.name) ? 0 : begin.length);
    const name = begin?.name ?? (isOption(tokens, at) ? tokens[at]!.value.toLowerCase() : 'other');
    parts.push({ name, tokens: all, value, ...place(all) });
    at = end;
  }
  return parts;
}

/** Nothing follows the words. */
const BARE = new Set(['kind', 'null', 'invisible', 'versioning', 'auto_increment', 'enforced', 'compressed']);

const isOption = (tokens: readonly Token[], at: number): boolean =>
  tokens[at]?.kind === 'name' && isSign(tokens[at + 1], '=');

function findWords(
  tokens: readonly Token[],
  at: number,
  words: ReadonlyMap<string, string>,
): { readonly name: string; readonly length: number } | null {
  for (const length of [3, 2, 1]) {
    const next = tokens.slice(at, at + length);
    if (next.length < length || next.some(token => token.kind !== 'word')) continue;
    const name = words.get(next.map(token => token.value).join(' '));
    if (name !== undefined) return { name, length };
  }
  return null;
}

// ---------------------------------------------------------------- keys and constraints

function readKey(tokens: readonly Token[]): KeyPart {
  const open = tokens.findIndex(token => isSign(token, '('));
  const close = findClosing(tokens, open);
  const name = tokens.slice(0, open).find(token => token.kind === 'name')?.value ?? '';
  return {
    kind: tokens[0]!.value as KeyPart['kind'],
    name,
    over: splitAtCommas(tokens.slice(open + 1, close)),
    parts: readParts(tokens, close + 1, KEY_WORDS),
    ...place(tokens),
  };
}

function readConstraint(tokens: readonly Token[]): ConstraintPart {
  const isNamed = isWord(tokens[0], 'constraint') && tokens[1]?.kind === 'name';
  const name = isNamed ? tokens[1]!.value : '';
  const body = isNamed ? tokens.slice(2) : tokens;
  if (isWord(body[0], 'check') && isSign(body[1], '(')) {
    const close = findClosing(body, 1);
    const parts = readParts(body, close + 1, KEY_WORDS);
    return { kind: 'check', name, value: body.slice(2, close), parts, ...place(tokens) };
  }
  const kind = isWord(body[0], 'foreign') ? 'foreign key' : 'other';
  return { kind, name, value: body, parts: [], ...place(tokens) };
}

// ---------------------------------------------------------------- the table's options

function readOptions(tokens: readonly Token[]): Part[] {
  const options: Part[] = [];
  let at = 0;
  while (at < tokens.length) {
    const end = findOptionEnd(tokens, at);
    const all = tokens.slice(at, end);
    const equals = all.findIndex(token => isSign(token, '='));
    const words = (equals < 0 ? all : all.slice(0, equals)).map(token => token.value.toLowerCase());
    const name = words
      .join(' ')
      .replace(/^default /, '')
      .replace(/^character set$/, 'charset');
    options.push({ name, tokens: all, value: equals < 0 ? [] : all.slice(equals + 1), ...place(all) });
    at = end;
  }
  return options;
}

/** `NAME=value`, `TWO NAMES='value'`, `UNION=(…)`; and those few that have no `=`. */
function findOptionEnd(tokens: readonly Token[], from: number): number {
  if (isWord(tokens[from], 'with') && isWord(tokens[from + 1], 'system')) return from + 3;
  if (isWord(tokens[from], 'tablespace') && tokens[from + 1]?.kind === 'name') return from + 2;
  if (isWord(tokens[from], 'storage')) return from + 2;
  let at = from;
  while (at < tokens.length && !isSign(tokens[at], '=')) at++;
  if (at + 1 >= tokens.length) return tokens.length;
  return isSign(tokens[at + 1], '(') ? findClosing(tokens, at + 1) + 1 : at + 2;
}

// ---------------------------------------------------------------- looking things up

export const findPart = (item: { readonly parts: readonly Part[] }, name: string): Part | undefined =>
  item.parts.find(part => part.name === name);

export const findOption = ({ options }: Pick<Definition, 'options'>, name: string): Part | undefined =>
  options.find(option => option.name === name);

/** As the server writes it; empty: it says none. */
export const readEngine = (definition: Definition): string =>
  findOption(definition, 'engine')?.value[0]?.raw ?? '';
