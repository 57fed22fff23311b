import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { connectSource, type DatabaseConnection } from '../../../src/mysql/client.ts';
import { internalsOf } from '../../../src/mysql/driver.ts';
import { readColumns } from '../../../src/mysql/read-columns.ts';
import { readDefinition, readDefinitions } from '../../../src/mysql/read-definition.ts';
import { Copying } from '../../support/copying.ts';
import { useServers } from '../../support/servers.ts';

const ODD_NAME = 'odd `name`; DROP';
const MANY = Array.from({ length: 120 }, (_, index) => `many_${index}`);

let copying: Copying;
beforeAll(async () => {
  copying = await Copying.start(useServers());
  const tables = ['a', ODD_NAME, ...MANY].map(name => `\`${name.replaceAll('`', '``')}\``);
  await copying.fill(
    ...tables.map((name, index) => `CREATE TABLE ${name} (c${index} INT)`),
    'CREATE VIEW v AS SELECT 1',
  );
  await copying.make('a');
  await copying.make(ODD_NAME);
});
afterAll(() => copying[Symbol.asyncDispose]());

const read = (connection: DatabaseConnection, names: readonly string[]): Promise<string[]> =>
  readDefinitions(
    connection,
    names.map(name => ({ database: copying.database, name })),
  );

it.each([
  ['none', []],
  ['one', ['a']],
  ['some, in their order and with any name', [ODD_NAME, 'a', 'many_7']],
  ['many', MANY],
])('reads what readDefinition does of %s', async (_, names) => {
  const expected: string[] = [];
  for (const name of names)
    expected.push(await readDefinition(copying.source, { database: copying.database, name }));
  expect(await read(copying.source, names)).toEqual(expected);
});

it('asks for all before the first has been answered', async () => {
  const sent = vi.spyOn(internalsOf(copying.source.raw).stream, 'write');
  const reading = read(copying.source, MANY);
  const statements = sent.mock.calls.filter(([bytes]) => String(bytes).startsWith('SHOW CREATE TABLE'));
  sent.mockRestore();
  expect(statements).toHaveLength(MANY.length);
  expect(await reading).toHaveLength(MANY.length);
});

it.each(['source', 'target'] as const)(
  'leaves the %s one statement at a time: it would run a second one in a definition',
  async end => {
    expect(await read(copying[end], ['a', ODD_NAME])).toHaveLength(2);
    await expect(copying[end].query('SELECT 1; SELECT 2')).rejects.toMatchObject({ errno: 1064 });
    await expect(copying[end].pipeline('DO 1; DO 2')).rejects.toMatchObject({ errno: 1064 });
  },
);

it.each(['größe_日本', 'a_name_of_ascii'])(
  'reads names, comments and defaults beyond ASCII as they are: %s',
  async name => {
    await copying.fill(
      `CREATE TABLE \`${name}\` (\`naïve\` VARCHAR(9) DEFAULT 'ß日' COMMENT 'ﬁ – €') COMMENT 'ÿ 終'`,
    );
    const table = { database: copying.database, name };
    const definition = await readDefinition(copying.source, table);
    for (const part of [name, '`naïve`', "DEFAULT 'ß日'", "COMMENT 'ﬁ – €'", "COMMENT='ÿ 終'"])
      expect(definition).toContain(part);
    const columns = await readColumns(copying.source, copying.database, [name]);
    expect(columns.get(name)?.map(column => column.name)).toEqual(['naïve']);
  },
);

it.each([
  ['is not there', 'none', { code: 'schema', details: { errno: 1146 } }],
  ['is a view', 'v', { code: 'schema', message: expect.stringContaining('.v is not a table') }],
])('rejects for the table that %s, and the connection goes on', async (_, name, error) => {
  const one = readDefinition(copying.source, { database: copying.database, name });
  const failure = (await one.catch((reason: unknown) => reason)) as Error;
  expect(failure).toMatchObject(error);
  await expect(read(copying.source, ['a', name, 'many_1'])).rejects.toThrow(failure.message);
  expect(copying.source.isIdle).toBe(true);
  expect(await read(copying.source, ['a'])).toHaveLength(1);
});

it('is connection when the server has ended it', async () => {
  const { socketPath } = useServers().source;
  const lost = await connectSource({ label: 'source', socketPath, user: 'root', password: '' });
  await useServers().source.query(`KILL CONNECTION ${lost.threadId}`);
  await expect(read(lost, ['a', 'many_1'])).rejects.toMatchObject({ code: 'connection' });
});
