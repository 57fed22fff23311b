// Which content has the target of each site at this moment: all of its old one, or all of its new one?

import { NETWORK, type SiteId } from '../../src/migration/words.ts';
import type { Environments } from './environments.ts';
import type { MariadbEndpoint } from './mariadb-server.ts';

export interface Sides {
  /** Units that are wholly new. One whose old and new content are the same is none of them. */
  readonly fresh: readonly string[];
  readonly count: number;
  /** What is neither wholly old nor wholly new. */
  readonly problems: readonly string[];
}

type Checksums = ReadonlyMap<string, string>;

/** Holds the target's tables against what they were (`old`) and what they shall be (`oracle`), unit by unit: the sites
 *  and the network tables, each of which is swapped by one statement. */
export async function judgeUnits(
  { target }: Pick<Environments, 'target'>,
  old: Checksums,
  oracle: Checksums,
): Promise<Sides> {
  const found = await readAtOnce(target, [...oracle.keys()]);
  const problems: string[] = [];
  const fresh: string[] = [];
  const units = Map.groupBy(oracle.keys(), unitOf);
  for (const [unit, tables] of units) {
    const isOld = tables.every(table => found.get(table) === old.get(table));
    const isNew = tables.every(table => found.get(table) === oracle.get(table));
    if (isNew) fresh.push(unit);
    if (isOld === isNew) {
      const told = tables.map(
        table => `${table} ${judge(found.get(table), old.get(table), oracle.get(table))}`,
      );
      problems.push(`${unit} is neither old nor new: ${told.join(', ')}`);
    }
  }
  return { fresh, count: units.size, problems };
}

/** Each one too many means that a swap has happened right then. */
const MOST_LOOKS = 10;

/** Of one moment, even while the server still carries out what a killed process has last asked of it: nothing changes
 *  places as long as all tables are locked. So a resume may meet that statement, too. */
async function readAtOnce(
  { server, database }: Environments['target'],
  tables: readonly string[],
): Promise<Map<string, string>> {
  for (let attempt = 1; attempt <= MOST_LOOKS; attempt += 1) {
    const present = await listPresent(server, database, tables);
    if (present.length === 0) return new Map();
    const names = present.map(table => `${database}.${table}`);
    const locks = names.map(name => `${name} READ`).join(', ');
    const rows = await server
      .query<{ Table: string; Checksum: unknown }>(`LOCK TABLES ${locks}; CHECKSUM TABLE ${names.join(', ')}`)
      // One of them has just been taken away.
      .catch(() => []);
    const found = new Map(rows.map(row => [row.Table.slice(database.length + 1), String(row.Checksum)]));
    if (found.size === (await listPresent(server, database, tables)).length) return found;
  }
  throw new Error(`The tables of ${database} do not come to rest.`);
}

async function listPresent(
  server: MariadbEndpoint,
  database: string,
  tables: readonly string[],
): Promise<string[]> {
  const rows = await server.query<{ name: string }>(
    'SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME IN (?)',
    [database, tables],
  );
  return rows.map(row => row.name);
}

const NETWORK_TABLES = new Set(['blogs', 'blogmeta', 'site', 'sitemeta'].map(name => `wp_${name}`));

export const nameUnit = (siteId: SiteId): string => (siteId === NETWORK ? 'network' : `site ${siteId}`);

/** The unit that the table belongs to. */
export function unitOf(table: string): string {
  if (NETWORK_TABLES.has(table)) return 'network';
  return `site ${/^wp_(\d+)_/.exec(table)?.[1] ?? 1}`;
}

function judge(found: string | undefined, old: string | undefined, fresh: string | undefined): string {
  if (found === undefined) return 'missing';
  if (found === old) return found === fresh ? 'same' : 'old';
  return found === fresh ? 'new' : 'strange';
}
