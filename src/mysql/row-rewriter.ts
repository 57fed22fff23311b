// The rewriting of one row on its way: which values are looked at, which may be changed, and what is reported.

import type { LeftReason, Rewriter } from '../rewrite/rewriter.ts';
import type { Column } from './read-columns.ts';
import { describeRow, type Row } from './row.ts';

/** A value that holds something of the source and was not, or not wholly, rewritten. */
export interface LeftValue {
  readonly column: string;
  /** The row's key: `option_id=12`. */
  readonly key: string;
  /** The rewriter's reason; `too_long`: the new text doesn't fit the column; `charset`: text in a character set
   *  that isn't rewritten, such as utf16. */
  readonly reason: LeftReason | 'too_long' | 'charset';
}

export interface RewriteOptions {
  readonly columns: readonly Column[];
  readonly rewriter: Rewriter;
  /** Names of columns that are copied as they are. */
  readonly skipColumns: ReadonlySet<string>;
}

/** A list for people; the rest is only counted. */
const MAX_LEFT_VALUES = 100;

export class RowRewriter {
  readonly changedByColumn: Record<string, number> = {};
  readonly left: LeftValue[] = [];
  leftTotal = 0;
  readonly #options: RewriteOptions;
  /** Indexes of the columns that are rewritten. */
  readonly #rewritten: readonly number[];
  readonly #wide: readonly { readonly index: number; readonly needles: readonly Buffer[] }[];

  constructor(options: RewriteOptions) {
    const { columns, rewriter, skipColumns } = options;
    this.#options = options;
    const wanted = [...columns.keys()].filter(i => columns[i]!.isText && !skipColumns.has(columns[i]!.name));
    this.#rewritten = wanted.filter(i => columns[i]!.isRewritable);
    this.#wide = wanted
      .filter(i => !columns[i]!.isRewritable)
      .map(index => ({
        index,
        needles: rewriter.needles.map(needle => encodeWide(needle, columns[index]!.charset)),
      }));
  }

  /** `row` was read from `packet[start..end)`. `rowNumber` names it when it has no key. Returns whether it changed. */
  rewrite(row: Row, packet: Buffer, start: number, end: number, rowNumber: number): boolean {
    let changed = false;
    // Most rows hold nothing of the source: one search over all of a row's bytes settles these.
    if (this.#rewritten.length > 0 && this.#options.rewriter.mayMatch(packet, start, end)) {
      for (const index of this.#rewritten) if (this.#rewriteValue(row, index, rowNumber)) changed = true;
    }
    for (const { index, needles } of this.#wide) {
      if (row.isNull(index)) continue;
      const value = row.value(index);
      if (needles.some(needle => value.includes(needle))) this.#report(row, index, 'charset', rowNumber);
    }
    return changed;
  }

  #rewriteValue(row: Row, index: number, rowNumber: number): boolean {
    const { columns, rewriter } = this.#options;
    if (row.isNull(index) || !rewriter.mayMatch(row.buffers[index]!, row.starts[index]!, row.ends[index]!))
      return false;
    const column = columns[index]!;
    const result = rewriter.rewrite(row.value(index));
    for (const reason of result.left) this.#report(row, index, reason, rowNumber);
    if (!result.changed) return false;
    if (!fitsColumn(column, result.value)) {
      this.#report(row, index, 'too_long', rowNumber);
      return false;
    }
    row.replace(index, result.value);
    this.changedByColumn[column.name] = (this.changedByColumn[column.name] ?? 0) + 1;
    return true;
  }

  #report(row: Row, index: number, reason: LeftValue['reason'], rowNumber: number): void {
    this.leftTotal++;
    if (this.left.length >= MAX_LEFT_VALUES) return;
    const { columns } = this.#options;
    this.left.push({ column: columns[index]!.name, key: describeRow(row, columns, rowNumber), reason });
  }
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

/** A needle as it stands in text of a wide character set, in which it is only looked for. */
function encodeWide(needle: string, charset: string | null): Buffer {
  const little = Buffer.from(needle, 'utf16le');
  if (charset === 'utf16le') return little;
  const big = Buffer.from(little).swap16();
  if (charset !== 'utf32') return big;
  const wide = Buffer.alloc(big.length * 2);
  for (let i = 0; i < big.length; i += 2) big.copy(wide, i * 2 + 2, i, i + 2);
  return wide;
}
