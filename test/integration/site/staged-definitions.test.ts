import { afterEach, beforeEach, expect, it } from 'vitest';
import { connectTarget, type DatabaseConnection } from '../../../src/mysql/client.ts';
import { readDefinition } from '../../../src/mysql/read-definition.ts';
import { type MirroredKinds, StagedDefinitions } from '../../../src/site/staged-definitions.ts';
import { useServers } from '../../support/servers.ts';

const DATABASE = 'staged_definitions';

let target: DatabaseConnection;
let kinds: MirroredKinds;
let definitions: StagedDefinitions;

beforeEach(async () => {
  const { socketPath } = useServers().target;
  target = await connectTarget({ label: 'target', socketPath, user: 'root', password: '' });
  await target.execute(`DROP DATABASE IF EXISTS ${DATABASE}`);
  await target.execute(`CREATE DATABASE ${DATABASE}`);
  kinds = new Map();
  definitions = new StagedDefinitions(kinds);
});
afterEach(async () => {
  await target.execute(`DROP DATABASE ${DATABASE}`);
  await target[Symbol.asyncDispose]();
});

/** Makes a staged table of a source's definition, which then has another name and maybe another counter. */
async function make(name: string, { counter = 7, further = '' } = {}): Promise<string> {
  await target.execute(
    `CREATE TABLE ${DATABASE}.${name} (id INT AUTO_INCREMENT, b INT, PRIMARY KEY (id)${further}) AUTO_INCREMENT = ${counter}`,
  );
  const definition = await readDefinition(target, { database: DATABASE, name });
  definitions.expect(name, definition.replace(`CREATE TABLE \`${name}\``, `CREATE TABLE \`of_the_source\``));
  return definition;
}

const read = (name: string): Promise<string> => definitions.read(target, { database: DATABASE, name });

async function countAsked(deed: () => Promise<unknown>): Promise<number> {
  const count = async (): Promise<number> => {
    const [row] = await target.query<{ Value: string }>(
      "SHOW SESSION STATUS LIKE 'Com\\_show\\_create\\_table'",
    );
    return Number(row?.Value);
  };
  const before = await count();
  await deed();
  return (await count()) - before;
}

it('asks for one of each kind, and knows the others with their names and next numbers', async () => {
  const [first, second] = [await make('wp_2_links'), await make('wp_3_links', { counter: 99 })];
  expect(await countAsked(async () => expect(await read('wp_2_links')).toBe(first))).toBe(1);
  expect(await countAsked(async () => expect(await read('wp_3_links')).toBe(second))).toBe(0);
  const other = await make('wp_3_other', { further: ', KEY b (b)' });
  expect(await countAsked(async () => expect(await read('wp_3_other')).toBe(other))).toBe(1);
});

it('asks for each of a kind that the target tells in other words', async () => {
  for (const [name, counter] of Object.entries({ wp_2_links: 8, wp_3_links: 9 })) {
    await make(name);
    await target.execute(`ALTER TABLE ${DATABASE}.${name} AUTO_INCREMENT = ${counter}`);
    const asked = await countAsked(async () =>
      expect(await read(name)).toContain(`AUTO_INCREMENT=${counter}`),
    );
    expect(asked, name).toBe(1);
  }
});

it('asks for what no source definition is known of, and for tables with foreign keys', async () => {
  const made = await make('wp_2_links');
  definitions = new StagedDefinitions(kinds);
  expect(await countAsked(async () => expect(await read('wp_2_links')).toBe(made))).toBe(1);
  for (const name of ['wp_2_notes', 'wp_3_notes']) {
    await make(name, { further: `, FOREIGN KEY (b) REFERENCES wp_2_links (id)` });
    expect(await countAsked(() => read(name)), name).toBe(1);
  }
});

it('asks for none twice', async () => {
  await make('wp_2_links');
  expect(await countAsked(() => read('wp_2_links'))).toBe(1);
  expect(await countAsked(() => read('wp_2_links'))).toBe(0);
});
