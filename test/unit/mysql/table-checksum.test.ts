import { expect, it } from 'vitest';
import { Row } from '../../../src/mysql/row.ts';
import { addChecksums, RowHasher, TableChecksum } from '../../../src/mysql/table-checksum.ts';

const hasher = new RowHasher(2);

function hash(...values: readonly [string, string]): number {
  const row = new Row(2);
  for (const [index, value] of values.entries()) row.replace(index, Buffer.from(value));
  return hasher.hash(row);
}

function sum(...hashes: readonly number[]): string {
  const checksum = new TableChecksum();
  for (const rowHash of hashes) checksum.add(rowHash);
  return checksum.digest();
}

it('does not depend on the order of the rows', () => {
  expect(sum(hash('1', 'a'), hash('2', 'b'))).toBe(sum(hash('2', 'b'), hash('1', 'a')));
});

it('tells that two rows have exchanged a value', () => {
  // Every pair of 1,000 rows; a checksum that is linear misses three.
  const rows = Array.from({ length: 1_000 }, (_, id) => ({
    published: hash(`${id}`, 'publish'),
    draft: hash(`${id}`, 'draft'),
  }));
  const missed = rows.flatMap((one, index) =>
    rows.slice(index + 1).filter(other => one.published + other.draft === one.draft + other.published),
  );
  expect(missed).toEqual([]);
});

it('of a table is the sum of those of its parts', () => {
  const hashes = Array.from({ length: 20 }, (_, id) => hash(`${id}`, 'x'));
  expect(addChecksums([sum(...hashes.slice(0, 3)), sum(), sum(...hashes.slice(3))])).toBe(sum(...hashes));
  expect(addChecksums([])).toBe(sum());
  // More than 64 bits have room for nothing less.
  expect(addChecksums(['ffffffffffffffff', '0000000000000001'])).toBe('10000000000000000');
});
