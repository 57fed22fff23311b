// The rewriting of one row on its way: which values are looked at, which may be changed, and what is reported.

import { MigrationError } from '../errors.ts';
import type { Rewriter } from '../rewrite/rewriter.ts';
import { HashFollower, type RewrittenValue } from './follow-hashes.ts';
import { isParsedJson, sortMembers } from './json-text.ts';
import { type LeftReason, type LeftValues, LeftValuesCounter, type UntouchedReason } from './left-values.ts';
import { forCharset } from './multibyte-text.ts';
import type { Column } from './read-columns.ts';
import { describeKey, type Row } from './row.ts';

export interface RewriteOptions {
  readonly columns: readonly Column[];
  readonly rewriter: Rewriter;
  /** Names of columns that are copied as they are. */
  readonly skipColumns: ReadonlySet<string>;
  /** Names of columns whose values are rewritten inside base64 as well. Default: none. */
  readonly base64Columns?: ReadonlySet<string>;
}

/** A column that is never rewritten, but may hold a source host. */
interface UntouchedColumn {
  readonly index: number;
  readonly reason: UntouchedReason;
  /** What would be made of its values. */
  readonly rewrite: Rewriter['rewrite'];
}

export class RowRewriter {
  /** A Map: a column may have any name, also one that every object knows, such as `constructor`. */
  readonly #changedByColumn = new Map<string, number>();
  readonly #options: RewriteOptions;
  readonly #left: LeftValuesCounter;
  /** By column: what makes its values new. */
  readonly #rewrites: readonly Rewriter['rewrite'][];
  /** Indexes of the columns that are rewritten. */
  readonly #rewritten: number[] = [];
  /** And inside base64, where the rewriter's search finds nothing. */
  readonly #base64: number[] = [];
  /** Those in which ASCII stands as single bytes. */
  readonly #untouched: UntouchedColumn[] = [];
  /** Those in which it doesn't: a search over the row's bytes doesn't find anything in them. */
  readonly #wide: UntouchedColumn[] = [];
  readonly #hashes: HashFollower;
  /** What has become of the current row's values, where the table may hold hashes of them. */
  readonly #values: RewrittenValue[] = [];
  /** What the current row has to report. */
  readonly #found: { readonly index: number; readonly reason: LeftReason }[] = [];

  constructor(options: RewriteOptions) {
    this.#options = options;
    this.#left = new LeftValuesCounter(options.columns);
    this.#hashes = new HashFollower(options.columns, options.skipColumns);
    const { columns, base64Columns, rewriter } = options;
    this.#rewrites = columns.map(({ name, charset }) =>
      forCharset(charset, base64Columns?.has(name) ? rewriter.rewriteBase64 : rewriter.rewrite),
    );
    for (const [index, column] of columns.entries()) {
      const reason = explainUntouched(column, options.skipColumns);
      if (reason === 'no_text') continue;
      const isBase64 = base64Columns?.has(column.name) ?? false;
      if (reason === null) (isBase64 ? this.#base64 : this.#rewritten).push(index);
      else {
        const rewrite = forCharset(column.charset, rewriter.rewrite);
        (isWide(column) ? this.#wide : this.#untouched).push({ index, reason, rewrite });
      }
      // Tables of plugins are full of enums, hardly ever of hosts.
      if (reason !== null && reason !== 'enum') this.#left.declare(index, reason);
    }
  }

  /** So far; own keys alone count. */
  get changedByColumn(): Record<string, number> {
    return Object.fromEntries(this.#changedByColumn);
  }

  /** What was left so far. */
  get left(): readonly LeftValues[] {
    return this.#left.groups;
  }

  /** `row` was read from `packet[start..end)`. `rowNumber` names it when it has no key. Returns whether it changed.
   *  Throws `verification` when the rules would change a rewritten value again: a source host would stay in it. */
  rewrite(row: Row, packet: Buffer, start: number, end: number, rowNumber: number): boolean {
    const { rewriter } = this.#options;
    let changed = false;
    // Most rows hold nothing of the source: one search over all of a row's bytes settles these.
    const isSearched = this.#rewritten.length + this.#untouched.length > 0;
    const hit = isSearched ? rewriter.findHit(packet, start, end) : -1;
    if (hit >= 0) {
      for (const index of this.#rewritten) {
        if (this.#mayMatch(row, index, packet, hit) && this.#rewriteValue(row, index)) changed = true;
      }
      for (const column of this.#untouched) {
        if (this.#mayMatch(row, column.index, packet, hit) && namesSource(column, row.value(column.index)))
          this.#found.push(column);
      }
    }
    for (const index of this.#base64) {
      if (!row.isNull(index) && this.#rewriteValue(row, index)) changed = true;
    }
    for (const column of this.#wide) {
      if (!row.isNull(column.index) && namesSource(column, this.#narrow(row, column.index)))
        this.#found.push(column);
    }
    if (this.#values.length > 0) this.#followHashes(row);
    // Only now: a key may have been rewritten, too.
    for (const { index, reason } of this.#found) this.#left.add(row, index, reason, rowNumber);
    this.#found.length = 0;
    return changed;
  }

  /** `hit`: the first one in the packet that the row was read from. What ends before it holds none; what begins before
   *  it and ends behind it, does. */
  #mayMatch(row: Row, index: number, packet: Buffer, hit: number): boolean {
    const buffer = row.buffers[index]!;
    const start = row.starts[index]!;
    const end = row.ends[index]!;
    if (buffer === packet && start <= hit) return end > hit;
    return this.#options.rewriter.findHit(buffer, start, end) >= 0;
  }

  #rewriteValue(row: Row, index: number): boolean {
    const column = this.#options.columns[index]!;
    const rewrite = this.#rewrites[index]!;
    const result = rewrite(row.value(index));
    for (const reason of result.left) this.#found.push({ index, reason });
    if (!result.changed) return false;
    if (!fitsColumn(column, result.value)) {
      this.#found.push({ index, reason: 'too_long' });
      return false;
    }
    if (rewrite(result.value).changed) this.#refuseLeftover(row, index);
    if (!this.#hashes.hasNone) this.#values.push({ index, before: row.value(index), after: result.value });
    row.replace(index, isParsedJson(column) ? sortMembers(result.value) : result.value);
    this.#count(column);
    return true;
  }

  #followHashes(row: Row): void {
    this.#hashes.follow(row, this.#values, (index, isFollowed) => {
      if (isFollowed) this.#count(this.#options.columns[index]!);
      else this.#found.push({ index, reason: 'hash' });
    });
    this.#values.length = 0;
  }

  #count({ name }: Column): void {
    this.#changedByColumn.set(name, (this.#changedByColumn.get(name) ?? 0) + 1);
  }

  /** That what is sent is what gets stored, the checksum proves. */
  #refuseLeftover(row: Row, index: number): never {
    const { columns } = this.#options;
    const column = columns[index]!.name;
    const key = describeKey(row, columns) ?? 'no primary key';
    throw new MigrationError(
      'verification',
      `After rewriting, ${column} of the row with ${key} still names a source host.`,
      { details: { column, key } },
    );
  }

  #narrow(row: Row, index: number): Buffer {
    return narrow(row.value(index), this.#options.columns[index]!.charset);
  }
}

/** Would the value not be as it is, if its column were rewritten? An address that would be left anyway doesn't count. */
function namesSource({ rewrite }: UntouchedColumn, value: Buffer): boolean {
  const { changed, left } = rewrite(value);
  return changed || left.some(reason => reason !== 'email');
}

/** null: the column is rewritten. `no_text`: numbers and times, which hold no host. */
function explainUntouched(
  column: Column,
  skipColumns: ReadonlySet<string>,
): UntouchedReason | 'no_text' | null {
  if (!mayHoldHost(column)) return 'no_text';
  if (skipColumns.has(column.name)) return 'skipped_column';
  if (column.isBinary) return 'binary';
  if (isEnum(column)) return 'enum';
  return column.isRewritable ? null : 'charset';
}

const isEnum = (column: Column): boolean => column.dataType === 'enum' || column.dataType === 'set';

/** False: the values are numbers and times. Any other column's are looked at, if only to report what they hold. */
export function mayHoldHost(column: Column): boolean {
  return column.isText || column.isBinary || isEnum(column);
}

const isWide = (column: Column): boolean => column.isText && !column.isRewritable;

/** Text of a wide character set with a byte for each code unit, ASCII as it is: enough to look for hosts. */
function narrow(value: Buffer, charset: string | null): Buffer {
  const width = charset === 'utf32' ? 4 : 2;
  const low = charset === 'utf16le' ? 0 : width - 1;
  const text = Buffer.alloc(Math.floor(value.length / width), 0xff);
  for (let i = 0; i < text.length; i++) {
    const at = i * width;
    let others = 0;
    for (let byte = 0; byte < width; byte++) if (byte !== low) others |= value[at + byte]!;
    if (others === 0 && value[at + low]! < 0x80) text[i] = value[at + low]!;
  }
  return text;
}

/** Would the server cut this value? Takes a byte for a character in multi-byte character sets other than UTF-8: it
 *  may then leave a value that would have fitted, never one that wouldn't. */
export function fitsColumn(column: Column, value: Buffer): boolean {
  if (column.maxLength === null || value.length <= column.maxLength) return true;
  const countsCharacters = column.dataType.endsWith('char') && (column.charset ?? '').startsWith('utf8');
  return countsCharacters && countCharacters(value) <= column.maxLength;
}

function countCharacters(utf8: Buffer): number {
  let count = 0;
  for (const byte of utf8) if ((byte & 0xc0) !== 0x80) count++;
  return count;
}
