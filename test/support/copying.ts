// For tests of the copy path: two databases of their own on two servers, a connection to each, and the three steps of
// a table's way (make, copy, verify) with what they need filled in.

import { connectSource, connectTarget, type DatabaseConnection } from '../../src/mysql/client.ts';
import { type CopyResult, type CopyTableOptions, copyTable } from '../../src/mysql/copy-table.ts';
import { createStagingTable } from '../../src/mysql/create-staging-table.ts';
import { type Column, readColumns } from '../../src/mysql/read-columns.ts';
import { type VerifyTableOptions, verifyTable } from '../../src/mysql/verify-table.ts';
import type { MariadbEndpoint } from './mariadb-server.ts';
import { createDatabaseName } from './servers.ts';

/** What the target may take at once; the private servers' default. */
const MAX_ALLOWED_PACKET_BYTES = 16 * 1024 * 1024;

export class Copying implements AsyncDisposable {
  readonly source: DatabaseConnection;
  readonly target: DatabaseConnection;
  /** The same name on both servers. */
  readonly database: string;
  readonly #servers: { readonly source: MariadbEndpoint; readonly target: MariadbEndpoint };

  private constructor(
    servers: { source: MariadbEndpoint; target: MariadbEndpoint },
    ends: { source: DatabaseConnection; target: DatabaseConnection },
    database: string,
  ) {
    this.#servers = servers;
    this.source = ends.source;
    this.target = ends.target;
    this.database = database;
  }

  static async start(servers: { source: MariadbEndpoint; target: MariadbEndpoint }): Promise<Copying> {
    const database = createDatabaseName('copy');
    for (const server of [servers.source, servers.target]) await server.query(`CREATE DATABASE ${database}`);
    const address = (server: MariadbEndpoint, label: string) => ({
      label,
      socketPath: server.socketPath,
      user: 'root',
      password: '',
    });
    const source = await connectSource(address(servers.source, 'source "prod"'), database);
    const target = await connectTarget(address(servers.target, 'target "stg"'), database);
    return new Copying(servers, { source, target }, database);
  }

  /** Runs statements in the source's database, as somebody who may write there. */
  async fill(...statements: readonly string[]): Promise<void> {
    const prepare = `USE ${this.database}; SET sql_mode = 'NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES'`;
    await this.#servers.source.query([prepare, ...statements].join('; '));
  }

  async readColumns(table: string): Promise<readonly Column[]> {
    return (await readColumns(this.source, this.database, [table])).get(table) ?? [];
  }

  /** Makes the table on the target and copies it. */
  async copy(table: string, options: Partial<CopyTableOptions> = {}): Promise<CopyResult> {
    const place = { database: this.database, name: table };
    const { source, target } = this;
    await createStagingTable({
      source,
      target,
      sourceTable: place,
      stagingTable: place,
      rename: name => name,
    });
    return copyTable({
      source,
      target,
      sourceTable: place,
      stagingTable: place,
      columns: await this.readColumns(table),
      rewriter: null,
      method: 'load_data',
      maxAllowedPacket: MAX_ALLOWED_PACKET_BYTES,
      signal: new AbortController().signal,
      ...options,
    });
  }

  async verify(
    table: string,
    expected: VerifyTableOptions['expected'],
    options: Partial<VerifyTableOptions> = {},
  ): Promise<void> {
    await verifyTable({
      target: this.target,
      table: { database: this.database, name: table },
      columns: await this.readColumns(table),
      expected,
      mode: 'checksum',
      rewriter: null,
      signal: new AbortController().signal,
      ...options,
    });
  }

  /** CHECKSUM TABLE on both servers: the server's own opinion of what is stored. */
  async readServerChecksums(table: string): Promise<{ source: unknown; target: unknown }> {
    const read = async (server: MariadbEndpoint) => {
      const [row] = await server.query<{ Checksum: unknown }>(`CHECKSUM TABLE ${this.database}.\`${table}\``);
      return row!.Checksum;
    };
    return { source: await read(this.#servers.source), target: await read(this.#servers.target) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.source.destroy();
    this.target.destroy();
    for (const server of Object.values(this.#servers)) await server.query(`DROP DATABASE ${this.database}`);
  }
}
