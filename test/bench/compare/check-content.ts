// That a contender did its work: a fast copy of nothing is no contender. Once for each, outside of its time.

import { checksumTables } from '../../support/generate-network.ts';
import type { MariadbEndpoint } from '../../support/mariadb-server.ts';
import { TARGET } from './bed.ts';

/** `copied`: the source's bytes. `rewritten`: what the generator makes for the target's domain. `counted`: as many rows.
 *  `editedPosts`: in these tables, the post that was edited before the run. */
export type Expected = 'copied' | 'rewritten' | 'counted' | { readonly editedPosts: readonly string[] };

export interface Contents {
  readonly source: { readonly server: MariadbEndpoint; readonly database: string };
  /** Names of all tables that travel. */
  readonly tables: readonly string[];
  readonly copied: ReadonlyMap<string, string>;
  readonly rewritten: ReadonlyMap<string, string>;
}

/** Rejects when what is in the target's database on `server` is not what was expected. */
export async function checkContent(
  contents: Contents,
  server: MariadbEndpoint,
  expected: Expected,
): Promise<void> {
  if (typeof expected === 'object') return checkEdits(server, expected.editedPosts);
  const { source, tables } = contents;
  const [want, have] =
    expected === 'counted'
      ? [await countRows(source.server, source.database, tables), await countRows(server, TARGET, tables)]
      : [contents[expected], await checksumTables(server, TARGET)];
  const wrong = tables.filter(table => want.get(table) !== have.get(table));
  if (wrong.length > 0)
    throw new Error(
      `${wrong.length} of ${tables.length} tables are not ${expected}: ${wrong.slice(0, 5).join(', ')}`,
    );
}

async function countRows(
  server: MariadbEndpoint,
  database: string,
  tables: readonly string[],
): Promise<Map<string, string>> {
  const counts = new Map<string, string>();
  for (const table of tables) {
    const [row] = await server.query<{ rows: number }>(
      `SELECT COUNT(*) AS \`rows\` FROM ${database}.${table}`,
    );
    counts.set(table, String(row!.rows));
  }
  return counts;
}

async function checkEdits(server: MariadbEndpoint, posts: readonly string[]): Promise<void> {
  for (const table of posts) {
    const [row] = await server.query<{ edited: number }>(
      `SELECT COUNT(*) AS edited FROM ${TARGET}.${table} WHERE post_title LIKE '% (edited)'`,
    );
    if (row!.edited !== 1) throw new Error(`The edited post of ${table} did not arrive.`);
  }
}
