import { afterEach, beforeEach, expect, it } from 'vitest';
import { connectTarget, type DatabaseConnection } from '../../../src/mysql/client.ts';
import { readDefinition } from '../../../src/mysql/read-definition.ts';
import { KnownKinds, StagedDefinitions } from '../../../src/site/staged-definitions.ts';
import { useServers } from '../../support/servers.ts';

const DATABASE = 'staged_definitions';

let target: DatabaseConnection;
let kinds: KnownKinds;
let definitions: StagedDefinitions;

beforeEach(async () => {
  const { socketPath } = useServers().target;
  target = await connectTarget({ label: 'target', socketPath, user: 'root', password: '' });
  await target.execute(`DROP DATABASE IF EXISTS ${DATABASE}`);
  await target.execute(`CREATE DATABASE ${DATABASE}`);
  kinds = new KnownKinds();
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
  expectOf(name, definition);
  return definition;
}

/** The source's table has this definition, but for its name. */
function expectOf(name: string, definition: string): void {
  const source = definition.replace(`CREATE TABLE \`${name}\``, `CREATE TABLE \`of_the_source\``);
  definitions.expect(name, {
    source,
    wanted: source,
    rename: table => (table === 'of_the_source' ? name : table),
  });
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

const prove = (...names: string[]): Promise<void> => definitions.prove(target, DATABASE, names);

it('proves one of each kind on each connection, all asked for together', async () => {
  await make('wp_2_links');
  await make('wp_3_links', { counter: 99 });
  await make('wp_3_other', { further: ', KEY b (b)' });
  expect(await countAsked(() => prove('wp_2_links', 'wp_3_links', 'wp_3_other'))).toBe(2);
  expect(await countAsked(() => prove('wp_3_links', 'wp_3_other'))).toBe(0);
  expect(await countAsked(() => read('wp_3_links'))).toBe(0);
  // Another connection may lead to another server.
  const { socketPath } = useServers().target;
  await using other = await connectTarget({ label: 'target', socketPath, user: 'root', password: '' });
  await target.execute(`ALTER TABLE ${DATABASE}.wp_3_links MODIFY b INT NOT NULL DEFAULT 3`);
  await expect(definitions.prove(other, DATABASE, ['wp_3_links'])).rejects.toMatchObject({
    code: 'schema',
    message: expect.stringMatching(
      /column b: null should be none and is not null; .*default should be none and is 3/,
    ),
  });
});

it('F07 proves each table that names others, under the names of the target', async () => {
  await make('wp_2_links');
  await make('wp_2_notes', { further: ', CONSTRAINT k FOREIGN KEY (b) REFERENCES wp_2_links (id)' });
  await prove('wp_2_links', 'wp_2_notes');
  const key = 'CONSTRAINT k3 FOREIGN KEY (b) REFERENCES wp_2_links (id)';
  const definition = await make('wp_3_notes', { further: `, ${key} ON DELETE CASCADE` });
  expectOf('wp_3_notes', definition.replace(' ON DELETE CASCADE', ''));
  await expect(prove('wp_3_notes')).rejects.toThrow(/foreign key k3/);
});

it.each([
  ['engine', 'ENGINE = MyISAM', /table: engine should be innodb and is myisam/],
  ['comment', "COMMENT = 'x'", /table: comment should be none and is "x"/],
  ['character set', 'CHARACTER SET latin1', /default collation should be utf8mb4_\w+ and is latin1/],
  ['next number', 'AUTO_INCREMENT = 3', /AUTO_INCREMENT should be 7 and is 3/],
])('F07 refuses a table with another %s', async (_, change, reason) => {
  const definition = await make('wp_2_links');
  await target.execute(`ALTER TABLE ${DATABASE}.wp_2_links ${change}`);
  expectOf('wp_2_links', definition);
  await expect(prove('wp_2_links')).rejects.toThrow(reason);
});

it('takes rows that were written since for what they are', async () => {
  await make('wp_2_links');
  await target.execute(`INSERT INTO ${DATABASE}.wp_2_links VALUES (20, 1)`);
  await prove('wp_2_links');
});
