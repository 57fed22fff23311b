// What all contenders run on: two private servers as an operator would find them (the server's own defaults, so every
// commit is on the disk), the generated network on the first, and a folder with the files that they need.

import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { stringify } from 'yaml';
import { loadNetwork, type NetworkOptions } from '../../support/generate-network.ts';
import { type MariadbServer, startMariadbServer } from '../../support/mariadb-server.ts';

/** The private servers of the tests are fast because they forget; here each setting is what MariaDB 10.11 itself has. */
const SERVER_DEFAULTS = [
  '--innodb-flush-log-at-trx-commit=1',
  '--innodb-flush-method=O_DIRECT',
  '--innodb-doublewrite=1',
  '--debug-no-sync=0',
  '--sync-frm=1',
  '--innodb-buffer-pool-size=128M',
  '--innodb-log-file-size=96M',
];

/** Holds what arrives. The tool keeps its own databases beside it. */
export const TARGET = 'wp_stg';
const TARGET_DATABASES = [TARGET, `${TARGET}_incoming`, `${TARGET}_previous`];

const USER = 'bench';
const PASSWORD = 'bench';

/** The secret that the configuration file refers to. */
export const CONFIG_SECRETS = { BENCH_PASSWORD: PASSWORD };

/** Not carried by the tool (the target's stay), so by nobody. */
const USER_TABLES = ['wp_users', 'wp_usermeta'];
const NETWORK_TABLES = [
  'wp_blogs',
  'wp_blogmeta',
  'wp_site',
  'wp_sitemeta',
  'wp_signups',
  'wp_registration_log',
];

export interface Network {
  /** Its name as an environment of the configuration. */
  readonly environment: string;
  readonly database: string;
  readonly options: NetworkOptions;
}

export interface BedOptions {
  readonly networks: readonly Network[];
  /** Further arguments of both servers. */
  readonly serverArgs: readonly string[];
}

export class Bed implements AsyncDisposable {
  readonly source: MariadbServer;
  readonly target: MariadbServer;
  readonly folder: string;

  private constructor(source: MariadbServer, target: MariadbServer, folder: string) {
    this.source = source;
    this.target = target;
    this.folder = folder;
  }

  static async create({ networks, serverArgs }: BedOptions): Promise<Bed> {
    const args = [...SERVER_DEFAULTS, ...serverArgs];
    const [source, target] = await Promise.all([startMariadbServer({ args }), startMariadbServer({ args })]);
    const folder = await mkdtemp(join(tmpdir(), 'wfuwp-bench-'));
    process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
    const bed = new Bed(source, target, folder);
    for (const { database, options } of networks) await loadNetwork(source, database, options);
    for (const [name, server] of Object.entries({ source, target })) {
      await server.query(
        `CREATE USER ${USER}@'%' IDENTIFIED BY '${PASSWORD}'; GRANT ALL PRIVILEGES ON *.* TO ${USER}@'%'`,
      );
      await writeFile(
        join(bed.folder, `${name}.cnf`),
        `[client]\nhost=127.0.0.1\nport=${server.port}\nuser=${USER}\npassword=${PASSWORD}\n`,
      );
    }
    await bed.#writeConfig(networks);
    return bed;
  }

  get serverPids(): number[] {
    return [this.source.pid, this.target.pid];
  }

  /** Arguments of mydumper and myloader, which read no file of the client's kind. */
  loginArguments(server: MariadbServer): string[] {
    return ['--host=127.0.0.1', `--port=${server.port}`, `--user=${USER}`, `--password=${PASSWORD}`];
  }

  /** The travelling tables of a network, those of one site together: network, main site, then by id. */
  async listSites(database: string): Promise<string[][]> {
    const rows = await this.source.query<{ name: string }>(
      `SELECT table_name AS name FROM information_schema.tables
       WHERE table_schema = ? AND table_type = 'BASE TABLE' ORDER BY table_name`,
      [database],
    );
    const names = rows.map(row => row.name).filter(name => !USER_TABLES.includes(name));
    const groups = Map.groupBy(names, name => {
      if (NETWORK_TABLES.includes(name)) return 0;
      return Number(/^wp_(\d+)_/.exec(name)?.[1] ?? 1);
    });
    return [...groups].sort(([left], [right]) => left - right).map(([, tables]) => tables);
  }

  /** Both servers with an empty database for what comes, and nothing left to do of what was before. */
  async makeReady({ empty }: { empty: boolean }): Promise<void> {
    for (const server of [this.source, this.target]) {
      if (empty) {
        for (const database of TARGET_DATABASES) await server.query(`DROP DATABASE IF EXISTS ${database}`);
        await server.query(`CREATE DATABASE ${TARGET} CHARACTER SET utf8mb4`);
      }
      await settle(server);
    }
    await execa('sync');
  }

  /** An empty folder of this name. */
  async makeFolder(name: string): Promise<string> {
    const path = join(this.folder, name);
    await rm(path, { recursive: true, force: true });
    await mkdir(path);
    return path;
  }

  async #writeConfig(networks: readonly Network[]): Promise<void> {
    const environment = (server: MariadbServer, name: string, main: string) => ({
      database: { host: '127.0.0.1', port: server.port, user: USER, password: `\${BENCH_PASSWORD}`, name },
      hosts: { main, any: `*.${main}` },
    });
    const sources = networks.map(({ environment: name, database }) => [
      name,
      environment(this.source, database, 'prod.example.edu'),
    ]);
    const environments = {
      ...Object.fromEntries(sources),
      stg: environment(this.target, TARGET, 'stg.example.edu'),
      // On the source's server.
      twin: environment(this.source, TARGET, 'stg.example.edu'),
    };
    // As the others: every row.
    const tables = { skipData: [], skipRows: [], refreshPermalinks: false };
    await writeFile(join(this.folder, 'wfuwp.config.yaml'), stringify({ environments, tables }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.source.stop(), this.target.stop()]);
  }
}

const SETTLE_TIMEOUT_MS = 120_000;

/** Waits until the server has written its dirty pages and purged what was deleted; else the next contender pays for
 *  the one before. */
async function settle(server: MariadbServer): Promise<void> {
  const [limits] = await server.query<{ most: string; low: string }>(
    'SELECT @@innodb_max_dirty_pages_pct AS most, @@innodb_max_dirty_pages_pct_lwm AS low',
  );
  await server.query(
    'SET GLOBAL innodb_max_dirty_pages_pct_lwm = 0; SET GLOBAL innodb_max_dirty_pages_pct = 0',
  );
  const deadline = Date.now() + SETTLE_TIMEOUT_MS;
  while ((await countUnsettled(server)) > 0) {
    if (Date.now() > deadline) throw new Error('A server did not come to rest.');
    await sleep(200);
  }
  await server.query(
    `SET GLOBAL innodb_max_dirty_pages_pct = ${limits!.most}; SET GLOBAL innodb_max_dirty_pages_pct_lwm = ${limits!.low}`,
  );
}

/** Dirty pages and unpurged transactions beyond what an idle server has. */
async function countUnsettled(server: MariadbServer): Promise<number> {
  const rows = await server.query<{ Variable_name: string; Value: string }>(
    `SHOW GLOBAL STATUS WHERE Variable_name IN ('Innodb_buffer_pool_pages_dirty', 'Innodb_history_list_length')`,
  );
  const idle = 20;
  return rows.reduce((sum, row) => sum + Math.max(0, Number(row.Value) - idle), 0);
}
