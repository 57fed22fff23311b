import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { KnownColumns } from '../../../src/mysql/known-columns.ts';
import { readDefinitions } from '../../../src/mysql/read-definition.ts';
import { Copying } from '../../support/copying.ts';
import { useServers } from '../../support/servers.ts';

let copying: Copying;
beforeAll(async () => {
  copying = await Copying.start(useServers());
  await copying.fill(
    ...[2, 3].flatMap(id => [
      `CREATE TABLE wp_${id}_a (id INT AUTO_INCREMENT PRIMARY KEY, a TEXT) AUTO_INCREMENT = ${id * 10}`,
      `CREATE TABLE wp_${id}_b (b BLOB)`,
      `CREATE TABLE wp_${id}_same_as_b (b BLOB)`,
    ]),
    'CREATE TABLE wp_3_c (c INT)',
  );
});
afterAll(() => copying[Symbol.asyncDispose]());

async function define(names: readonly string[]) {
  const { source, database } = copying;
  const definitions = await readDefinitions(
    source,
    names.map(name => ({ database, name })),
  );
  return names.map((name, index) => ({ name, definition: definitions[index]! }));
}

it('asks for the kinds it doesn’t know, all in one query, and gives each table its columns', async () => {
  const { source, database } = copying;
  const known = new KnownColumns();
  const names = ['wp_2_b', 'wp_2_a', 'wp_2_same_as_b'];
  const [first, second] = [await define(names), await define(['wp_3_a', 'wp_3_c', 'wp_3_b'])];
  const expected = async (tables: readonly string[]) =>
    await Promise.all(tables.map(table => copying.readColumns(table)));

  const asked = vi.spyOn(source.raw, 'query');
  const found = await known.read(source, database, first);
  expect(asked).toHaveBeenCalledTimes(1);
  const later = await known.read(source, database, second);
  expect(asked).toHaveBeenCalledTimes(2);
  await known.read(source, database, [...first, ...second]);
  expect(asked).toHaveBeenCalledTimes(2);
  asked.mockRestore();
  expect(found).toEqual(await expected(names));
  expect(later).toEqual(await expected(['wp_3_a', 'wp_3_c', 'wp_3_b']));
});

it('doesn’t take a table that went meanwhile for one without columns', async () => {
  const { source, database } = copying;
  const known = new KnownColumns();
  const [table] = await define(['wp_2_b']);
  expect(await known.read(source, database, [{ ...table!, name: 'gone' }])).toEqual([[]]);
  expect(await known.read(source, database, [table!])).toEqual([await copying.readColumns('wp_2_b')]);
});
