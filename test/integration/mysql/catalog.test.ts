import { expect, it } from 'vitest';
import { readCatalog } from '../../../src/mysql/catalog.ts';
import { connectSource } from '../../../src/mysql/client.ts';
import { startMariadbServer } from '../../support/mariadb-server.ts';

it('H27 reads routines and events, and goes on where the server can not read its own tables of them', async () => {
  await using server = await startMariadbServer();
  await server.query(`CREATE DATABASE wp; USE wp; CREATE TABLE wp_posts (id INT);
    CREATE PROCEDURE tidy() DELETE FROM wp_posts; CREATE FUNCTION two() RETURNS INT DETERMINISTIC RETURN 2;
    CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY DO DELETE FROM wp_posts;
    CREATE DATABASE other; CREATE PROCEDURE other.none() SELECT 1`);
  const read = async () => {
    await using source = await connectSource({
      label: 'source',
      socketPath: server.socketPath,
      user: 'root',
      password: '',
    });
    return await readCatalog(source, 'wp');
  };
  const event = { kind: 'event', name: 'nightly' };
  const catalog = await read();
  expect(catalog.routines).toEqual([
    { kind: 'function', name: 'two' },
    { kind: 'procedure', name: 'tidy' },
    event,
  ]);
  expect(catalog.lacksRoutines).toBeUndefined();
  // As an upgrade leaves it that was not finished.
  await server.query('ALTER TABLE mysql.proc DROP COLUMN aggregate');
  const { routines, tables, lacksRoutines } = await read();
  expect([routines, tables.map(table => table.name), lacksRoutines]).toEqual([[event], ['wp_posts'], true]);
});
