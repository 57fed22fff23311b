import { expect, it } from 'vitest';
import { addCopies } from '../../../src/mysql/add-copies.ts';
import type { CopyResult } from '../../../src/mysql/copy-table.ts';
import type { LeftValues } from '../../../src/mysql/left-values.ts';

const NOTHING = '0000000000000000';

const part = (change: Partial<CopyResult> = {}): CopyResult => ({
  rows: 0,
  bytes: 0,
  checksum: NOTHING,
  sourceChecksum: NOTHING,
  changedByColumn: {},
  left: [],
  ...change,
});

const left = (column: string, values: number, first: number): LeftValues => ({
  column,
  reason: 'broken_serialized',
  values,
  keys: Array.from({ length: Math.min(values, 10) }, (_, i) => `id=${first + i}`),
});

it('adds up figures, columns and checksums', () => {
  expect(
    addCopies([
      part({ rows: 2, bytes: 10, checksum: '0000000000000001', changedByColumn: { a: 1, b: 2 } }),
      part(),
      part({ rows: 3, bytes: 5, checksum: '000000000000000f', changedByColumn: { b: 3, c: 4 } }),
    ]),
  ).toEqual(
    part({ rows: 5, bytes: 15, checksum: '0000000000000010', changedByColumn: { a: 1, b: 5, c: 4 } }),
  );
});

it('tells rows as they were read from rows as they were sent, and adds up what each rule did', () => {
  const rule = (name: string, rows: number, values: number) => ({ rule: name, rows, values });
  const sum = addCopies([
    part({ rows: 2, sourceRows: 5, treated: [rule('skip_rows', 3, 0)] }),
    part({ rows: 4 }),
    part({ rows: 1, sourceRows: 2, treated: [rule('blank_keys', 0, 7), rule('skip_rows', 1, 0)] }),
  ]);
  expect(sum).toMatchObject({ rows: 7, sourceRows: 11 });
  expect(sum.treated).toEqual([rule('skip_rows', 4, 0), rule('blank_keys', 0, 7)]);
});

it('names of what was left the first rows, and no more of them than one copy would', () => {
  const parts = [[left('v', 6, 1)], [left('w', 1, 7), left('v', 6, 8)], [left('v', 100, 20)]];
  const sum = addCopies(parts.map(each => part({ left: each })));
  expect(sum.left).toEqual(
    [left('v', 112, 1), left('w', 1, 7)].map(group => ({ ...group, keys: expect.any(Array) })),
  );
  expect(sum.left[0]!.keys).toEqual([1, 2, 3, 4, 5, 6, 8, 9, 10, 11].map(id => `id=${id}`));
});

it('keeps what no part has seen a value of', () => {
  const untouched = { ...left('raw', 0, 0), reason: 'binary' } as const;
  expect(addCopies([part({ left: [untouched] }), part({ left: [untouched] })]).left).toEqual([untouched]);
});

it('adds up what was copied inside the server', () => {
  const parts = [{ rowsInside: 5 }, {}, { rowsInside: 7 }, { againTravelled: 1 }];
  expect(addCopies(parts.map(each => part(each)))).toEqual(part({ rowsInside: 12, againTravelled: 1 }));
});
