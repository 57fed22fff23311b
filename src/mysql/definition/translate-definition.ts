// A definition for a server of another make, or an older one. What both have is put in the other's words. What the other
// lacks is left out where that takes away neither rows nor what they may be, and is called lost; else the table is refused.

import { defaultCollation, describeTableCollation, readCollation } from './describe-definition.ts';
import { encodeText } from './encode-text.ts';
import { COMMON_OPTIONS, type Feature, hasFeature, hasFunction } from './known-features.ts';
import {
  type ColumnPart,
  type ConstraintPart,
  type Definition,
  findOption,
  findPart,
  type KeyPart,
  type Part,
  parseDefinition,
  readEngine,
} from './parse-definition.ts';
import type { ServerKind } from './server-kind.ts';
import { isSign, isWord, readTokens, type Token } from './tokens.ts';

export interface Translation {
  /** For the target's server, with the source's names. */
  readonly definition: string;
  /** What is left out, such as `the COMPRESSION of the table`. */
  readonly lost: readonly string[];
  /** What the target's server can't have; the table can't be made there. */
  readonly refused: readonly string[];
}

export function translateDefinition(text: string, from: ServerKind, to: ServerKind): Translation {
  const work = new Translating(text, from, to);
  work.translate();
  return { definition: work.write(), lost: work.lost, refused: work.refused };
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

class Translating {
  readonly lost: string[] = [];
  readonly refused: string[] = [];
  readonly #text: string;
  readonly #definition: Definition;
  readonly #from: ServerKind;
  readonly #to: ServerKind;
  readonly #edits: Edit[] = [];

  constructor(text: string, from: ServerKind, to: ServerKind) {
    this.#text = text;
    this.#definition = parseDefinition(text);
    this.#from = from;
    this.#to = to;
  }

  translate(): void {
    const { columns, keys, constraints, options, partitions } = this.#definition;
    for (const column of columns) this.#column(column);
    for (const key of keys) this.#key(key);
    for (const constraint of constraints) this.#constraint(constraint);
    for (const option of options) this.#option(option);
    this.#tableCollation();
    this.#partitions(partitions);
    if (!this.#isOther || this.#to.flavour !== 'mariadb') return;
    this.#introducers();
    this.#texts();
  }

  /** Edits don't overlap: each is of a part of its own. */
  write(): string {
    const edits = this.#edits.toSorted((a, b) => a.start - b.start);
    let text = '';
    let at = 0;
    for (const edit of edits) {
      if (edit.start < at) continue;
      text += this.#text.slice(at, edit.start) + edit.text;
      at = edit.end;
    }
    return text + this.#text.slice(at);
  }

  // -------------------------------------------------------------- columns

  #column(column: ColumnPart): void {
    this.#type(column);
    const { parts, name } = column;
    const isGenerated = findPart(column, 'generated') !== undefined;
    for (const part of parts) {
      if (part.name === 'default') this.#default(column, part);
      if (part.name === 'generated' || part.name === 'check') this.#functions(part.value, `column ${name}`);
      if (part.name === 'check') this.#checkOfColumn(part);
      if (part.name === 'invisible') this.#invisible(column, part);
      if (part.name === 'on update') this.#update(column, part);
      if (part.name === 'srid')
        this.#leave(part, `the reference system of column ${name}`, 'reference systems of columns');
      if (part.name === 'compressed')
        this.#leave(part, `the compression of column ${name}`, 'compressed columns');
      if (ENGINES_BUSINESS.has(part.name) && this.#isOther)
        this.#leave(part, `${part.name.toUpperCase()} of column ${name}`);
      if (part.name === 'versioning' || (part.name === 'generated' && isWord(part.value[0], 'row')))
        this.#need('system versioning');
      if (part.name === 'null' && isGenerated) this.#nullOfGenerated(column, part);
    }
    this.#columnCollation(column);
  }

  get #isOther(): boolean {
    return this.#from.flavour !== this.#to.flavour;
  }

  #type({ name, type }: ColumnPart): void {
    const word = type[0]!.value;
    if (word === 'geomcollection' && this.#to.flavour === 'mariadb')
      this.#edits.push({ start: type[0]!.start, end: type[0]!.end, text: 'geometrycollection' });
    const feature = TYPES[word];
    if (feature === undefined) return;
    // The flavours' vectors are not known to be each other's.
    if (!hasFeature(this.#to, feature) || (word === 'vector' && this.#isOther))
      this.#refuse(`column ${name} (${word.toUpperCase()})`);
  }

  #default(column: ColumnPart, part: Part): void {
    const { value } = part;
    this.#functions(value, `the default of column ${column.name}`);
    if (this.#to.flavour !== 'mysql' || !this.#isOther || isWord(value[0], 'null')) return;
    if (!isSign(value[0], '(') && !mustBeExpression(column, value)) return;
    const isPossible =
      hasFeature(this.#to, 'defaults that are expressions') &&
      TAKES_EXPRESSIONS.has(readEngine(this.#definition).toLowerCase());
    if (!isPossible) this.#refuse(`the default of column ${column.name}`);
    if (!isPossible || isSign(value[0], '(')) return;
    const [start, end] = [value[0]!.start, value.at(-1)!.end];
    this.#edits.push({ start, end, text: `(${this.#text.slice(start, end)})` });
  }

  /** To MariaDB a moment that is only updated has a default. */
  #update(column: ColumnPart, part: Part): void {
    const isNotNull = findPart(column, 'null')?.value.length === 2;
    if (this.#to.flavour !== 'mariadb' || !this.#isOther || !isNotNull || findPart(column, 'default')) return;
    if (!isWord(column.type[0], 'timestamp') && !isWord(column.type[0], 'datetime')) return;
    const digits = Number(column.type[2]?.value ?? 0);
    const zero = `0000-00-00 00:00:00${digits > 0 ? `.${'0'.repeat(digits)}` : ''}`;
    this.#edits.push({ start: part.start, end: part.start, text: `DEFAULT '${zero}' ` });
    this.lost.push(`that column ${column.name} has no default`);
  }

  #invisible(column: ColumnPart, part: Part): void {
    if (isWord(part.value[0], 'visible')) return;
    const hasDefault =
      findPart(column, 'default') ?? findPart(column, 'auto_increment') ?? findPart(column, 'generated');
    const mayBeNull = findPart(column, 'null')?.value.length !== 2;
    const isPossible = this.#to.flavour === 'mysql' || hasDefault !== undefined || mayBeNull;
    if (!hasFeature(this.#to, 'invisible columns') || !isPossible)
      this.#refuse(`the invisible column ${column.name}`);
    else this.#replace(part, 'INVISIBLE');
  }

  #nullOfGenerated({ name }: ColumnPart, part: Part): void {
    const isLost = part.value.length === 2;
    if (hasFeature(this.#to, 'NOT NULL of generated columns')) return;
    this.#remove(part);
    if (isLost) this.lost.push(`NOT NULL of the generated column ${name}`);
  }

  /** MySQL's may speak of no other column. */
  #checkOfColumn(part: Part): void {
    if (this.#to.flavour !== 'mysql' || !this.#isOther) return;
    const condition = this.#text.slice(part.value[0]!.start, part.value.at(-1)!.end);
    this.#remove(part);
    const { columns, keys, constraints } = this.#definition;
    const end = Math.max(...[...columns, ...keys, ...constraints].map(item => item.end));
    this.#edits.push({ start: end, end, text: `,\n  CHECK ${condition}` });
  }

  /** What one server takes for a character set's default another may not. */
  #columnCollation(column: ColumnPart): void {
    const charset = findPart(column, 'charset');
    if (charset && !findPart(column, 'collate'))
      this.#edits.push({
        start: charset.end,
        end: charset.end,
        text: ` COLLATE ${this.#defaultOf(charset)}`,
      });
  }

  #defaultOf(charset: Part): string {
    return defaultCollation(charset.value[0]!.value);
  }

  // -------------------------------------------------------------- keys

  #key(key: KeyPart): void {
    const name = key.kind === 'primary' ? 'the primary key' : `key ${key.name}`;
    if (key.kind === 'vector' && !hasFeature(this.#to, 'vector keys')) this.#refuse(name);
    const isDivided = this.#definition.partitions.length > 0;
    if (
      key.kind === 'fulltext' &&
      isDivided &&
      !hasFeature(this.#to, 'full-text keys of partitioned tables')
    ) {
      this.#leaveItem(key, `${name}, which is a full-text key of a partitioned table`);
      return;
    }
    for (const over of key.over) if (!this.#keyColumn(key, name, over)) return;
    for (const part of key.parts) {
      if (part.name === 'parser' && !hasFeature(this.#to, 'parsers of full-text keys'))
        this.#refuse(`the parser ${part.value[0]?.value ?? ''} of ${name}`);
      if (part.name === 'invisible' && !isWord(part.value[0], 'visible')) this.#ignored(key, name, part);
      if (UNKNOWN_OF_KEYS.has(part.name) && this.#isOther)
        this.#leave(part, `${part.name.toUpperCase()} of ${name}`);
    }
  }

  /** MySQL takes no invisible primary key, nor what it takes for one where a table has none: the first unique key of which
   *  no column may be null. */
  #ignored(key: KeyPart, name: string, part: Part): void {
    const { keys } = this.#definition;
    const primary = keys.find(({ kind }) => kind === 'primary') ?? keys.find(one => this.#isNeverNull(one));
    if (this.#to.flavour === 'mysql' && key === primary) this.#leave(part, `that ${name} is ignored`);
    else this.#replace(part, this.#to.flavour === 'mysql' ? 'INVISIBLE' : 'IGNORED');
  }

  #isNeverNull({ kind, over }: KeyPart): boolean {
    const { columns } = this.#definition;
    const isNotNull = (name: string | undefined): boolean =>
      columns.some(column => column.name === name && findPart(column, 'null')?.value.length === 2);
    return kind === 'unique' && over.every(([first]) => isNotNull(first?.value));
  }

  /** False: the key is left out, or refused. */
  #keyColumn(key: KeyPart, name: string, over: readonly Token[]): boolean {
    const column = this.#definition.columns.find(
      known => over[0]?.kind === 'name' && known.name === over[0].value,
    );
    if (isSign(over[0], '(') && !hasFeature(this.#to, 'keys over expressions')) {
      if (key.kind === 'unique') this.#refuse(`${name}, which is unique and over an expression`);
      else this.#leaveItem(key, `${name}, which is over an expression`);
      return false;
    }
    if (isSign(over[0], '(')) this.#functions(over, name);
    if (over.some(token => isWord(token, 'overlaps'))) this.#need('keys WITHOUT OVERLAPS');
    const descending = over.find(token => isWord(token, 'desc'));
    // Of MySQL's engines InnoDB alone has them.
    const isKnown =
      hasFeature(this.#to, 'descending keys') &&
      (this.#to.flavour === 'mariadb' || readEngine(this.#definition).toLowerCase() === 'innodb');
    if (descending && !isKnown) {
      this.#edits.push({ start: descending.start, end: descending.end, text: '' });
      this.lost.push(`the descending order of ${name}`);
    }
    if (column && isEmpty(column) && !hasFeature(this.#to, 'keys over columns of length 0')) {
      if (key.kind === 'unique' || key.kind === 'primary')
        this.#refuse(`${name}, which is unique and over a column of length 0`);
      else this.#leaveItem(key, `${name}, which is over a column of length 0`);
      return false;
    }
    const isWhole = over.length === 1;
    if (isWhole && column && isUnlimited(column) && !hasFeature(this.#to, 'unique keys over whole texts')) {
      if (key.kind === 'unique' || key.kind === 'primary') {
        this.#refuse(`${name}, which is unique over a whole text`);
        return false;
      }
    }
    const isGenerated = column && findPart(column, 'generated') !== undefined;
    if (
      key.kind === 'primary' &&
      isGenerated &&
      !hasFeature(this.#to, 'primary keys over generated columns')
    ) {
      this.#refuse(`${name}, which is over a generated column`);
      return false;
    }
    return true;
  }

  // -------------------------------------------------------------- constraints, options, partitions

  #constraint(constraint: ConstraintPart): void {
    const { kind, name, value } = constraint;
    if (kind === 'other')
      this.#need(this.#isSystemTime(value) ? 'system versioning' : 'application-time periods');
    if (kind !== 'check') return;
    const isIdle = isWord(findPart(constraint, 'enforced')?.value[0], 'not');
    if (isIdle && !hasFeature(this.#to, 'CHECKs that are not enforced'))
      this.#leaveItem(constraint, `CHECK ${name}, which is not enforced`);
    else this.#functions(value, `CHECK ${name}`);
  }

  #isSystemTime(value: readonly Token[]): boolean {
    return value.some(token => isWord(token, 'system_time'));
  }

  #option(option: Part): void {
    const { name, value } = option;
    if (name === 'with system versioning') this.#need('system versioning');
    if (COMMON_OPTIONS.has(name) || !this.#isOther || name === 'sequence') return;
    const isOn = !['n', 'no', '0'].includes(value[0]?.value.toLowerCase() ?? '');
    const isEncryption = name === 'encryption' || name === 'encrypted';
    if (isEncryption && isOn) this.#refuse('the encryption of the table');
    else if (isOn) this.#leave(option, `${name.toUpperCase()} of the table`);
    else this.#remove(option);
  }

  #tableCollation(): void {
    const charset = findOption(this.#definition, 'charset');
    if (charset && !findOption(this.#definition, 'collate'))
      this.#edits.push({
        start: charset.end,
        end: charset.end,
        text: ` COLLATE=${this.#defaultOf(charset)}`,
      });
  }

  #partitions(partitions: readonly Token[]): void {
    if (partitions.length === 0) return;
    if (partitions.some(token => isWord(token, 'system_time'))) this.#need('partitions by system time');
    const isInnodb = readEngine(this.#definition).toLowerCase() === 'innodb';
    if (!isInnodb) this.#need('partitions of other engines than InnoDB');
    this.#functions(partitions, 'the partitions');
  }

  /** MySQL writes one before every text in an expression. A MariaDB that writes such an expression down forgets to escape
   *  the text behind it, or escapes what it then doesn't read as escaped. Without one, a text is in the session's character
   *  set, which is the same. */
  #introducers(): void {
    const tokens = readTokens(this.#text);
    for (const [at, token] of tokens.entries()) {
      const next = tokens[at + 1];
      if (isWord(token, '_utf8mb4') && next?.kind === 'text' && !PLAIN.test(next.raw.slice(1, -1)))
        this.#edits.push({ start: token.start, end: next.start, text: '' });
    }
  }

  /** MariaDB keeps expressions in the table's character set, and takes none with a text that this one lacks. */
  #texts(): void {
    const { columns, constraints } = this.#definition;
    for (const column of columns)
      for (const part of column.parts) {
        const { name, value } = part;
        if (name === 'default' && isSign(value[0], '(') && this.#lacksText(value))
          this.#textOfDefault(column, part);
        if ((name === 'generated' || name === 'check') && this.#lacksText(value))
          this.#refuseText(`column ${column.name}`);
      }
    for (const { kind, name, value } of constraints)
      if (kind === 'check' && this.#lacksText(value)) this.#refuseText(`CHECK ${name}`);
  }

  #lacksText(tokens: readonly Token[]): boolean {
    const charset = readCharset(describeTableCollation(this.#definition));
    return tokens.some(({ kind, value }) => kind === 'text' && encodeText(value, charset) === null);
  }

  /** A text alone needs no expression, or can be written in bytes. */
  #textOfDefault(column: ColumnPart, { value }: Part): void {
    const [text, ...others] = value.filter(
      token => !isSign(token, '(') && !isSign(token, ')') && !isWord(token, '_utf8mb4'),
    );
    const written = text && others.length === 0 ? this.#writeText(column, text) : null;
    if (written === null) this.#refuseText(`the default of column ${column.name}`);
    else this.#edits.push({ start: value[0]!.start, end: value.at(-1)!.end, text: written });
  }

  /** To MariaDB a text that is the default of a text or blob is an expression. */
  #writeText(column: ColumnPart, { raw, value }: Token): string | null {
    if (!isUnlimited(column) && !isWord(column.type[0], 'json')) return raw;
    const hasCharset = column.type[0]!.value.endsWith('text');
    const charset = hasCharset ? readCharset(readCollation(column, this.#definition)) : 'utf8mb4';
    const bytes = encodeText(value, charset);
    return bytes && `(x'${bytes.toString('hex').toUpperCase()}')`;
  }

  #refuseText(where: string): void {
    this.#refuse(`${where} (a text that the table's character set lacks)`);
  }

  // -------------------------------------------------------------- what becomes of a part

  #functions(tokens: readonly Token[], where: string): void {
    const called = tokens.filter(
      (token, at) => token.kind === 'word' && (isSign(tokens[at + 1], '(') || isKeyword(token)),
    );
    for (const { value } of called)
      if (!hasFunction(this.#to, value)) this.#refuse(`${where} (${value.toUpperCase()})`);
  }

  #need(feature: Feature): void {
    if (!hasFeature(this.#to, feature)) this.#refuse(feature);
  }

  #refuse(what: string): void {
    if (!this.refused.includes(what)) this.refused.push(what);
  }

  /** Unless the target's server has it. */
  #leave(part: Part, what: string, feature?: Feature): void {
    if (feature !== undefined && hasFeature(this.#to, feature)) return;
    this.#remove(part);
    this.lost.push(what);
  }

  #leaveItem(item: { readonly start: number; readonly end: number }, what: string): void {
    // With the comma before it: a column always comes first.
    const start = this.#text.lastIndexOf(',', item.start);
    this.#edits.push({ start, end: item.end, text: '' });
    this.lost.push(what);
  }

  #remove({ start, end }: Part): void {
    this.#edits.push({ start, end, text: '' });
  }

  #replace({ start, end }: Part, text: string): void {
    this.#edits.push({ start, end, text });
  }
}

/** Of MySQL's engines those that take defaults that are expressions. */
const TAKES_EXPRESSIONS = new Set(['innodb', 'myisam']);

const PLAIN = /^[ -&(-[\]-~]*$/;

const TYPES: Readonly<Record<string, Feature>> = {
  uuid: 'columns of type UUID',
  inet4: 'columns of type INET4',
  inet6: 'columns of type INET6',
  xmltype: 'columns of type XMLTYPE',
  vector: 'columns of type VECTOR',
};

/** What an engine of one flavour makes of a column. */
const ENGINES_BUSINESS = new Set([
  'storage',
  'column_format',
  'engine_attribute',
  'secondary_engine_attribute',
  'other',
]);
const UNKNOWN_OF_KEYS = new Set(['clustering', 'engine_attribute', 'other']);

/** Words of an expression that stand without parentheses, or with others' behind them. */
const isKeyword = (token: Token): boolean => isWord(token, 'member', 'array', 'returning');

const readCharset = (collation: string): string => collation.split('_')[0]!;

const isUnlimited = ({ type }: ColumnPart): boolean =>
  /^(?:tiny|medium|long)?(?:text|blob)$/.test(type[0]!.value);

const isEmpty = ({ type }: ColumnPart): boolean =>
  isWord(type[0], 'char', 'varchar', 'binary', 'varbinary') && type[2]?.value === '0';

const isMoment = ({ type }: ColumnPart): boolean => isWord(type[0], 'timestamp', 'datetime');

/** MySQL takes a literal as it is, but none for texts; and of functions only the current time, for a time. */
function mustBeExpression(column: ColumnPart, value: readonly Token[]): boolean {
  const isText =
    isUnlimited(column) ||
    /^(?:json|geometry|point|linestring|polygon|multi|geom)/.test(column.type[0]!.value);
  const isCall = value.some(token => isSign(token, '('));
  if (isCall) return !(isMoment(column) && isWord(value[0], 'current_timestamp'));
  return isText;
}
