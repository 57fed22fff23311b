// Tables of random definitions (generate-definitions.ts) are migrated by the real program, and what arrives is held against
// what the source has by an oracle that knows nothing of the program: the servers' own texts where both are of one make,
// and what information_schema says where not. What the plan has named beforehand isn't held against it.

import type { Plan } from '../../src/migration/plan.ts';
import type { Summary } from '../../src/migration/summary.ts';
import { createEnvironments, type Environments } from '../support/environments.ts';
import type { ServerEndpoint } from '../support/private-server.ts';
import { readCatalogOf } from './catalog-oracle.ts';
import { type Flavour, generateDefinitions } from './generate-definitions.ts';

export interface TrialOptions {
  readonly source: ServerEndpoint;
  readonly target: ServerEndpoint;
  readonly from: Flavour;
  readonly to: Flavour;
  /** So many tables that the source takes. */
  readonly tables: number;
  readonly seed: number;
}

export interface TrialOutcome {
  /** Definitions that the source took. */
  readonly taken: number;
  /** Of these, what the plan refused, with the reason. */
  readonly refused: number;
  /** Carried, with a loss that the plan named. */
  readonly lossy: number;
  /** Tables that arrived otherwise, or not at all, each with what is wrong. */
  readonly problems: readonly string[];
}

const TABLES_OF_SITE = 100;

/** Rounds in which a failing table is noted and left out, so that the others of its site are tried as well. */
const MOST_ROUNDS = 12;

export async function tryDefinitions(options: TrialOptions): Promise<TrialOutcome> {
  const { source, target, tables } = options;
  const sites = 1 + Math.ceil(tables / TABLES_OF_SITE);
  await using pair = await createEnvironments({ sites, scale: 0.01, servers: { source, target } });
  const statements = await fillSource(pair, options);
  const planned = await readPlan(pair);
  const refused = [...planned].filter(([, table]) => table.refused);
  for (const [name] of refused) await pair.source.server.query(`DROP TABLE ${pair.source.database}.${name}`);
  const problems = await migrateAll(pair, statements);
  const names = [...statements.keys()].filter(name => !refused.some(([known]) => known === name));
  const compare = options.from === options.to ? compareTexts : compareCatalogs;
  for (const name of names) {
    if (problems.has(name)) continue;
    const problem = await compare(pair, name, planned.get(name)?.lost ?? []).catch(String);
    if (problem !== null) problems.set(name, problem);
  }
  return {
    taken: statements.size,
    refused: refused.length,
    lossy: [...planned.values()].filter(({ lost, refused: isRefused }) => lost && !isRefused).length,
    problems: [...problems].map(
      ([name, problem]) => `${problem}\n    CREATE TABLE ${name} ${statements.get(name)}`,
    ),
  };
}

/** The definitions that the source took, by table. */
async function fillSource(
  { source: { server, database } }: Environments,
  { from, to, tables, seed }: TrialOptions,
): Promise<Map<string, string>> {
  const taken = new Map<string, string>();
  for (const definition of generateDefinitions(from, seed)) {
    if (taken.size === tables) break;
    // An engine that the target lacks is refused as such, whatever else the definition says.
    if (to === 'mysql' && /ENGINE=Aria\b/i.test(definition)) continue;
    const name = `wp_${2 + Math.floor(taken.size / TABLES_OF_SITE)}_g${taken.size}`;
    const use = `SET NAMES utf8mb4; SET sql_mode = ''; USE ${database};`;
    const isTaken = await server.query(`${use} CREATE TABLE ${name} ${definition}`).then(
      () => true,
      () => false,
    );
    if (!isTaken) continue;
    taken.set(name, definition);
    // With a row where it takes one as it is.
    const strictly = `${use} SET sql_mode = 'STRICT_ALL_TABLES'`;
    await server.query(`${strictly}; INSERT INTO ${name} () VALUES ()`).catch(() => {});
  }
  return taken;
}

type PlannedDefinition = Pick<Plan['sites'][number]['tables'][number], 'lost' | 'refused'>;

async function readPlan(pair: Environments): Promise<Map<string, PlannedDefinition>> {
  const { stdout, stderr } = await pair.run('env-migrate', 'prod', 'stg', '--dry-run', '--json');
  const { plan } = JSON.parse(stdout || '{}') as { plan?: Plan };
  if (!plan) throw new Error(`There is no plan: ${stderr}`);
  const wrong = plan.hazards.filter(({ blocking, code }) => blocking && code !== 'definition_refused');
  if (wrong.length > 0) throw new Error(`The generator makes what is no trial: ${JSON.stringify(wrong)}`);
  return new Map(plan.sites.flatMap(({ tables }) => tables.map(table => [table.source, table] as const)));
}

/** What went wrong, by table. */
async function migrateAll(
  pair: Environments,
  statements: ReadonlyMap<string, string>,
): Promise<Map<string, string>> {
  const problems = new Map<string, string>();
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const { exitCode, stdout, stderr } = await pair.run(
      'env-migrate',
      'prod',
      'stg',
      '--yes',
      '--json',
      '--max-failures',
      '1000',
    );
    if (exitCode === 0) return problems;
    const { failures = [] } = JSON.parse(stdout) as Partial<Summary>;
    const messages = failures.map(failure => failure.example.message);
    const guilty = messages.flatMap(message => {
      const name = /wp_\d+_g\d+/.exec(message)?.[0];
      return name !== undefined && statements.has(name) && !problems.has(name)
        ? [[name, message] as const]
        : [];
    });
    if (guilty.length === 0) throw new Error(`It failed, and no table is named: ${stdout}${stderr}`);
    for (const [name, message] of guilty) {
      problems.set(name, message);
      await pair.source.server.query(`DROP TABLE ${pair.source.database}.${name}`);
    }
  }
  return problems;
}

/** A collation has one character set. A MySQL prints it as well where the statement that made the table gave the column
 *  its collation, and not where the column has taken the table's. */
const IMPLIED_CHARSET = /CHARACTER SET (\w+) COLLATE (?=\1_)/g;

async function compareTexts({ source, target }: Environments, name: string): Promise<string | null> {
  const [wanted, found] = await Promise.all(
    [source, target].map(async ({ server, database }) => {
      const [row] = await server.query<Record<string, string>>(`SHOW CREATE TABLE ${database}.${name}`);
      return row!['Create Table']!.replaceAll(IMPLIED_CHARSET, 'COLLATE ');
    }),
  );
  return wanted === found ? null : `${name} is\n      ${found}\n    and should be\n      ${wanted}`;
}

async function compareCatalogs(
  { source, target }: Environments,
  name: string,
  lost: readonly string[],
): Promise<string | null> {
  const [wanted, found] = await Promise.all([
    readCatalogOf(source.server, source.database, name, lost),
    readCatalogOf(target.server, target.database, name, lost),
  ]);
  const wrong = [...new Set([...wanted.keys(), ...found.keys()])].filter(
    key => wanted.get(key) !== found.get(key),
  );
  const told = wrong.map(key => `${key}: ${wanted.get(key)} → ${found.get(key)}`);
  return wrong.length === 0 ? null : `${name}: ${told.join('; ')}`;
}
