// Facts of made-up networks for the tests of the planner: what readEnds() would have found.

import type { MigrationId } from '../../src/migration/words.ts';
import type { Blog, Catalog, CatalogTable, Network } from '../../src/mysql/catalog.ts';
import type { DefinitionFacts } from '../../src/mysql/definition/inspect-definition.ts';
import { parseGrant } from '../../src/mysql/grants.ts';
import type { Column } from '../../src/mysql/read-columns.ts';
import type { ServerFacts } from '../../src/mysql/read-server.ts';
import { sitePrefix } from '../../src/mysql/table-names.ts';
import type { PlanRequest } from '../../src/phases/build-plan.ts';
import type { EndFacts } from '../../src/phases/read-ends.ts';

export const aTable = (name: string, over: Partial<CatalogTable> = {}): CatalogTable => ({
  name,
  kind: 'table',
  engine: 'InnoDB',
  rows: 10,
  sizeBytes: 1_000,
  collation: 'utf8mb4_unicode_520_ci',
  ...over,
});

export const aColumn = (name: string, over: Partial<Column> = {}): Column => ({
  name,
  dataType: 'varchar',
  columnType: 'varchar(200)',
  charset: 'utf8mb4',
  isNullable: true,
  isGenerated: false,
  isAutoIncrement: false,
  isTouched: false,
  isKey: false,
  isBinary: false,
  isText: true,
  isRewritable: true,
  maxLength: 200,
  warnsWhenEmpty: false,
  ...over,
});

/** Of which there is nothing to say. */
export const aDefinition = (over: Partial<DefinitionFacts> = {}): DefinitionFacts => ({
  ...{ sequences: [], union: [], foreignKeys: [], hosts: [], doubtfulMembers: [], checks: [] },
  ...{ lost: [], refused: [], transactions: [] },
  ...over,
});

export const aBlog = (siteId: number, over: Partial<Blog> = {}): Blog => ({
  siteId,
  networkId: 1,
  domain: 'prod.example.edu',
  path: siteId === 1 ? '/' : `/site${siteId}/`,
  archived: false,
  spam: false,
  deleted: false,
  registered: '2012-03-04 05:06:07',
  ...over,
});

export const aServer = (over: Partial<ServerFacts> = {}): ServerFacts => ({
  version: '10.11.19-MariaDB',
  flavour: 'mariadb',
  hostname: 'elsewhere',
  dataDirectory: '/nowhere/',
  maxAllowedPacketBytes: 16_777_216,
  localInfile: true,
  takesBulk: true,
  readOnly: false,
  lowerCaseTableNames: 0,
  primaryKeys: { requiredBy: null, generated: false },
  history: { endOfTime: '2038-01-19 03:14:07.999999', writtenBy: 'us' },
  collations: new Set(['utf8mb4_unicode_520_ci', 'latin1_swedish_ci']),
  engines: new Set(['innodb', 'myisam']),
  trust: { tls: 'off', allowsInsecureLogin: false },
  unsettled: [],
  databases: new Set(['wp_prod', 'wp_stg']),
  grants: [parseGrant('GRANT ALL PRIVILEGES ON *.* TO `u`@`%`')],
  ...over,
});

export interface NetworkFacts {
  readonly ids?: readonly number[];
  readonly blogs?: readonly Blog[] | null;
  /** Beside those that every site has. */
  readonly extra?: readonly CatalogTable[];
  readonly without?: readonly string[];
  readonly server?: Partial<ServerFacts>;
  readonly catalog?: Partial<Catalog>;
  networks?: Network[];
}

export const aNetwork = (networkId: number): Network => ({
  networkId,
  domain: 'prod.example.edu',
  path: '/',
});

export function anEnd({
  ids = [1, 2, 4, 43],
  blogs,
  extra = [],
  without = [],
  server,
  catalog,
  networks,
}: NetworkFacts = {}): EndFacts {
  const names = [
    ...['blogs', 'blogmeta', 'site', 'sitemeta', 'users', 'usermeta'].map(name => `wp_${name}`),
    ...ids.flatMap(id => ['posts', 'options'].map(name => sitePrefix('wp_', id) + name)),
  ];
  const tables = [...names.filter(name => !without.includes(name)).map(name => aTable(name)), ...extra];
  return {
    server: aServer(server),
    identity: { kind: 'place', id: 'a', shown: 'db1:3306' },
    databaseId: null,
    catalog: {
      database: 'wp_prod',
      tables,
      triggers: [],
      foreignKeys: [],
      routines: [],
      columnCollations: new Map(),
      ...catalog,
    },
    blogs: blogs === undefined ? ids.map(id => aBlog(id)) : blogs,
    ...(networks ? { networks } : {}),
  };
}

export const anEmptyTarget = (over: Partial<ServerFacts> = {}): EndFacts => ({
  server: aServer(over),
  identity: { kind: 'place', id: 'b', shown: 'db2:3306' },
  databaseId: null,
  catalog: {
    database: 'wp_stg',
    tables: [],
    triggers: [],
    foreignKeys: [],
    routines: [],
    columnCollations: new Map(),
  },
  blogs: null,
});

export const aRequest = (over: Partial<PlanRequest> = {}): PlanRequest => ({
  newDatabaseId: '5f0c9f6e-5f0e-4a0e-9a3f-0d4a7f8b2c11',
  migrationId: 'env-migrate-2026-11-21T02-30-00-abc123' as MigrationId,
  now: new Date('2026-11-21T02:30:00Z'),
  source: { environment: 'prod', database: 'wp_prod', tablePrefix: 'wp_' },
  target: {
    environment: 'stg',
    database: 'wp_stg',
    tablePrefix: 'wp_',
    staging: 'wp_stg_incoming',
    previous: 'wp_stg_previous',
  },
  rules: [
    { from: 'prod.example.edu', to: 'stg.example.edu' },
    { from: '*.prod.example.edu', to: '*.stg.example.edu' },
  ],
  emails: 'leave',
  skipColumns: [],
  base64Columns: [],
  treatment: { skipData: [], skipRows: [], safety: null },
  named: [],
  targetProtected: true,
  network: { users: 'keep', userColumns: [], protectedMeta: [], tables: [], mainSiteTables: [] },
  targetOnlySites: 'keep',
  selection: { include: null, exclude: null, activeOnly: false, excludeMainSite: false },
  networkOnly: false,
  sitesOnly: false,
  accept: [],
  concurrency: 4,
  ...over,
});
