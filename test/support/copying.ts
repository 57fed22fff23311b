// For tests of the copy path: two databases of their own, on two servers or on one, a connection to each, and the three
// steps of a table's way (make, copy, verify) with what they need filled in.

import { connectSource, connectTarget, type DatabaseConnection } from '../../src/mysql/client.ts';
import { type CopyResult, type CopyTableOptions, copyTable } from '../../src/mysql/copy-table.ts';
import { createStagingTable } from '../../src/mysql/create-staging-table.ts';
import { type Column, readColumns } from '../../src/mysql/read-columns.ts';
import { readDefinition } from '../../src/mysql/read-definition.ts';
import { type SentTable, type VerifyTablesOptions, verifyTables } from '../../src/mysql/verify-tables.ts';
import type { MariadbEndpoint } from './mariadb-server.ts';
import { createDatabaseName } from './servers.ts';

/** What the target may take at once; the private servers' default. */
const MAX_ALLOWED_PACKET_BYTES = 16 * 1024 * 1024;

export class Copying implements AsyncDisposable {
  readonly source: DatabaseConnection;
  readonly target: DatabaseConnection;
  /** The source's. */
  readonly database: string;
  /** The target's: the same name where there are two servers. */
  readonly stagingDatabase: string;
  readonly #servers: { readonly source: MariadbEndpoint; readonly target: MariadbEndpoint };

  private constructor(
    servers: { source: MariadbEndpoint; target: MariadbEndpoint },
    ends: { source: DatabaseConnection; target: DatabaseConnection },
    names: { database: string; staging: string },
  ) {
    this.#servers = servers;
    this.source = ends.source;
    this.target = ends.target;
    this.database = names.database;
    this.stagingDatabase = names.staging;
  }

  static async start(servers: { source: MariadbEndpoint; target: MariadbEndpoint }): Promise<Copying> {
    const database = createDatabaseName('copy');
    const staging = servers.source === servers.target ? `${database}_incoming` : database;
    await servers.source.query(`CREATE DATABASE ${database}`);
    await servers.target.query(`CREATE DATABASE ${staging}`);
    const address = (server: MariadbEndpoint, label: string) => ({
      label,
      socketPath: server.socketPath,
      user: 'root',
      password: '',
    });
    const source = await connectSource(address(servers.source, 'source "prod"'), database);
    const target = await connectTarget(address(servers.target, 'target "stg"'), staging);
    return new Copying(servers, { source, target }, { database, staging });
  }

  /** Runs statements in the source's database, as somebody who may write there. */
  async fill(...statements: readonly string[]): Promise<void> {
    const prepare = `USE ${this.database}; SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES'`;
    await this.#servers.source.query([prepare, ...statements].join('; '));
  }

  async readColumns(table: string): Promise<readonly Column[]> {
    return (await readColumns(this.source, this.database, [table])).get(table) ?? [];
  }

  /** Makes the table on the target, under this name, and says how it is copied. */
  async make(table: string, as = table): Promise<CopyTableOptions> {
    const { source, target } = this;
    const sourceTable = { database: this.database, name: table };
    const stagingTable = { database: this.stagingDatabase, name: as };
    const definition = await readDefinition(source, sourceTable);
    const rename = (name: string): string => (name === table ? as : name);
    await createStagingTable({ target, sourceTable, definition, stagingTable, rename });
    return {
      source,
      target,
      sourceTable,
      stagingTable,
      columns: await this.readColumns(table),
      rewriter: null,
      method: 'load_data',
      maxAllowedPacket: MAX_ALLOWED_PACKET_BYTES,
      signal: new AbortController().signal,
    };
  }

  /** Makes the table on the target and copies it. */
  async copy(table: string, options: Partial<CopyTableOptions> = {}): Promise<CopyResult> {
    return copyTable({ ...(await this.make(table)), ...options });
  }

  async verify(
    table: string,
    sent: SentTable['sent'],
    options: Partial<VerifyTablesOptions> = {},
  ): Promise<void> {
    await verifyTables({
      target: this.target,
      tables: [
        {
          table: { database: this.stagingDatabase, name: table },
          columns: await this.readColumns(table),
          sent,
        },
      ],
      mode: 'checksum',
      signal: new AbortController().signal,
      ...options,
    });
  }

  /** CHECKSUM TABLE on both servers: the server's own opinion of what is stored. */
  async readServerChecksums(table: string): Promise<{ source: unknown; target: unknown }> {
    const { source, target } = this.#servers;
    return {
      source: await readServerChecksum(source, this.database, table),
      target: await readServerChecksum(target, this.stagingDatabase, table),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.source.destroy();
    this.target.destroy();
    const { source, target } = this.#servers;
    await source.query(`DROP DATABASE ${this.database}`);
    await target.query(`DROP DATABASE IF EXISTS ${this.stagingDatabase}`);
  }
}

async function readServerChecksum(
  server: MariadbEndpoint,
  database: string,
  table: string,
): Promise<unknown> {
  const [row] = await server.query<{ Checksum: unknown }>(`CHECKSUM TABLE ${database}.\`${table}\``);
  return row!.Checksum;
}
