import { expect, it } from 'vitest';
import { connectTarget, type DatabaseConnection } from '../../../src/mysql/client.ts';
import { whileAtWork } from '../../../src/mysql/while-at-work.ts';
import { useServers } from '../../support/servers.ts';

const connect = (): Promise<DatabaseConnection> =>
  connectTarget({
    label: 'target',
    socketPath: useServers().target.socketPath,
    user: 'root',
    password: '',
  });

const signal = new AbortController().signal;

/** A connection that tells when it has been asked. */
function countQueries(connection: DatabaseConnection, asked: () => void): DatabaseConnection {
  return {
    ...connection,
    query: async <T>(sql: string, values?: readonly unknown[]) => {
      const rows = await connection.query<T>(sql, values);
      asked();
      return rows;
    },
  };
}

it('shows life as long as the server is at work on a statement', async () => {
  await using connection = await connect();
  await using other = await connect();
  const twice = Promise.withResolvers<void>();
  let seen = 0;
  const alive = (): void => {
    if (++seen === 2) twice.resolve();
  };
  await other.query("SELECT GET_LOCK('at work', 0)");
  const watch = { connection, observer: async () => other, alive, intervalMs: 10, signal };
  const working = whileAtWork(watch, () =>
    connection.query<{ got: string }>("SELECT GET_LOCK('at work', 60) AS got"),
  );
  await twice.promise;
  await other.query("SELECT RELEASE_LOCK('at work')");
  expect(await working).toMatchObject([{ got: expect.anything() }]);
});

it('shows none when the server has nothing to do, though the answer has not come', async () => {
  await using connection = await connect();
  await using other = await connect();
  const [threeTimes, answer] = [Promise.withResolvers<void>(), Promise.withResolvers<string>()];
  let asked = 0;
  let seen = 0;
  const observer = countQueries(other, () => {
    if (++asked === 3) threeTimes.resolve();
  });
  const alive = (): void => {
    seen += 1;
  };
  const watch = { connection, observer: async () => observer, alive, intervalMs: 10, signal };
  const working = whileAtWork(watch, () => answer.promise);
  await threeTimes.promise;
  answer.resolve('late');
  expect([await working, seen]).toEqual(['late', 0]);
});

it('neither fails nor hangs when nobody can be asked, and asks nobody of what is quick', async () => {
  await using connection = await connect();
  const refused = Promise.withResolvers<void>();
  const observer = async (): Promise<DatabaseConnection> => {
    refused.resolve();
    throw new Error('too many connections');
  };
  const alive = (): void => {};
  const watch = { connection, observer, alive, signal };
  const slow = whileAtWork({ ...watch, intervalMs: 1 }, () => refused.promise.then(() => 'done'));
  expect(await slow).toBe('done');
  const failing = whileAtWork({ ...watch, intervalMs: 600_000 }, () => connection.query('SELECT nothing'));
  await expect(failing).rejects.toThrow(/nothing/);
});
