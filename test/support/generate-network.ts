// WordPress networks for tests, demo and benchmarks, from the generator in test/cases/network (its header says
// why its output is an oracle: the migrated network must equal what it generates for the target's domain).

import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { makeOnce } from './cache.ts';
import type { MariadbEndpoint } from './mariadb-server.ts';

const GENERATOR = fileURLToPath(new URL('../cases/network/generate.mjs', import.meta.url));

/** The generator's options; its header has their meaning and defaults. */
export interface NetworkOptions {
  readonly sites?: number;
  readonly scale?: number;
  readonly skew?: number;
  readonly firstId?: number;
  readonly domain?: string;
  readonly emailDomain?: string;
  readonly decoy?: string;
  readonly prefix?: string;
  readonly seed?: number;
  readonly append?: boolean;
  readonly schemaOnly?: boolean;
  readonly rowsPerInsert?: number;
}

/** Fills `database` (created if missing) with a generated network. */
export async function loadNetwork(
  server: MariadbEndpoint,
  database: string,
  options: NetworkOptions = {},
): Promise<void> {
  await server.load(database, createReadStream(await generateNetwork(options)));
}

/** CHECKSUM TABLE of the base tables of a database but the product's own, by table name. `like` is a SQL pattern. */
export async function checksumTables(
  server: MariadbEndpoint,
  database: string,
  { like = '%' }: { like?: string } = {},
): Promise<Map<string, string>> {
  const tables = await server.query<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.tables
     WHERE table_schema = ? AND table_type = 'BASE TABLE' AND table_name LIKE ?
       AND table_name NOT LIKE 'wfuwp\\_%' ORDER BY table_name`,
    [database, like],
  );
  const checksums = new Map<string, string>();
  // A batch opens all its tables at once: well under the server's table cache.
  for (let i = 0; i < tables.length; i += 200) {
    const batch = tables.slice(i, i + 200);
    const list = batch.map(({ name }) => `${quote(database)}.${quote(name)}`).join(', ');
    const rows = await server.query<{ Table: string; Checksum: number | string | null }>(
      `CHECKSUM TABLE ${list}`,
    );
    for (const { Table, Checksum } of rows) {
      // NULL is how the server says that it could not read the table; two of them must not count as equal.
      if (Checksum === null) throw new Error(`CHECKSUM TABLE could not read ${Table}.`);
      checksums.set(Table.slice(database.length + 1), String(Checksum));
    }
  }
  return checksums;
}

/** The path of the SQL text, generated once per options and version of the generator. */
async function generateNetwork(options: NetworkOptions): Promise<string> {
  const args = toArguments(options);
  const key = JSON.stringify([args, await readFile(GENERATOR, 'utf8')]);
  return makeOnce('network', key, async draft => {
    // Not buffered as well: a large network is larger than any buffer.
    await execa(process.execPath, [GENERATOR, ...args], { stdout: { file: draft }, buffer: false });
  });
}

function toArguments(options: NetworkOptions): string[] {
  return Object.entries(options).flatMap(([name, value]) => {
    const flag = `--${name.replaceAll(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`;
    if (typeof value === 'boolean') return value ? [flag] : [];
    return value === undefined ? [] : [flag, String(value)];
  });
}

function quote(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}
