// Two environments as a user has them: a source network that may only be read, a target, and a configuration file in
// a folder of its own.
//
//   await using prod2stg = await createEnvironments({ sites: 5, scale: 0.1 });
//   const { exitCode } = await prod2stg.run('env-migrate', 'prod', 'stg', '--yes');

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { loadNetwork, type NetworkOptions } from './generate-network.ts';
import type { MariadbEndpoint } from './mariadb-server.ts';
import { createDatabaseName, createUser, useServers } from './servers.ts';
import { type Outcome, startWfuwp, wfuwp } from './wfuwp.ts';

export interface Environments extends AsyncDisposable {
  readonly cwd: string;
  readonly env: Record<string, string>;
  readonly source: { readonly server: MariadbEndpoint; readonly database: string };
  readonly target: {
    readonly server: MariadbEndpoint;
    readonly database: string;
    readonly staging: string;
    readonly previous: string;
  };
  run(...args: string[]): Promise<Outcome>;
  start(...args: string[]): ReturnType<typeof startWfuwp>;
  /** Writes the configuration again with some of it changed. */
  configure(change: (config: Config) => void): Promise<void>;
}

// The tests change whatever they like in it.
// biome-ignore lint/suspicious/noExplicitAny: a plain document
type Config = any;

export interface EnvironmentOptions extends NetworkOptions {
  /** What the target holds beforehand; default: an empty database. */
  readonly live?: NetworkOptions;
  /** Fill the databases in place of the generator, both at once. */
  readonly fill?: { readonly source: Fill; readonly target: Fill };
  readonly servers?: { source: MariadbEndpoint; target: MariadbEndpoint };
  /** The target's user may read the source's database, too: where both servers are the same one. */
  readonly targetReadsSource?: boolean;
  /** `source` and `target` grants instead of the usual ones; `%` is replaced by the database. */
  readonly targetGrants?: readonly string[];
}

type Fill = (server: MariadbEndpoint, database: string) => Promise<void>;

const TARGET_RIGHTS = 'SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, INDEX, REFERENCES';

export async function createEnvironments(options: EnvironmentOptions = {}): Promise<Environments> {
  const { live, fill, servers = useServers(), targetGrants, targetReadsSource = false, ...network } = options;
  const { source, target } = servers;
  const from = createDatabaseName('prod');
  const to = createDatabaseName('stg');
  const [staging, previous] = [`${to}_incoming`, `${to}_previous`];
  await target.query(`CREATE DATABASE ${to} CHARACTER SET utf8mb4`);
  if (fill) {
    await Promise.all([fill.source(source, from), fill.target(target, to)]);
  } else {
    await loadNetwork(source, from, network);
    if (live) await loadNetwork(target, to, live);
  }
  const reader = await createUser(source, `GRANT SELECT ON ${from}.*`);
  const grants = targetGrants ?? [to, staging, previous].map(name => `GRANT ${TARGET_RIGHTS} ON ${name}.*`);
  const writer = await createUser(target, ...grants.map(grant => grant.replaceAll('%', to)));
  if (targetReadsSource) await target.query(`GRANT SELECT ON ${from}.* TO '${writer.user}'@'%'`);

  const cwd = await mkdtemp(join(tmpdir(), 'wfuwp-e2e-'));
  const env = { PROD_DB_PASSWORD: reader.password, STG_DB_PASSWORD: writer.password };
  const config: Config = {
    environments: {
      prod: {
        database: {
          host: '127.0.0.1',
          port: source.port,
          user: reader.user,
          password: `\${PROD_DB_PASSWORD}`,
          name: from,
        },
        hosts: { main: 'prod.example.edu', any: '*.prod.example.edu' },
      },
      stg: {
        database: {
          host: '127.0.0.1',
          port: target.port,
          user: writer.user,
          password: `\${STG_DB_PASSWORD}`,
          name: to,
        },
        hosts: { main: 'stg.example.edu', any: '*.stg.example.edu' },
      },
    },
    // The oracle knows every row.
    tables: { skipData: [], skipRows: [], refreshPermalinks: false },
    network: { protectedMeta: [] },
  };
  const write = (): Promise<void> => writeFile(join(cwd, 'wfuwp.config.yaml'), stringify(config));
  await write();
  return {
    cwd,
    env,
    source: { server: source, database: from },
    target: { server: target, database: to, staging, previous },
    run: (...args) => wfuwp(args, { cwd, env }),
    start: (...args) => startWfuwp(args, { cwd, env }),
    async configure(change) {
      change(config);
      await write();
    },
    async [Symbol.asyncDispose]() {
      await source.query(`DROP DATABASE IF EXISTS ${from}`);
      for (const name of [to, staging, previous]) await target.query(`DROP DATABASE IF EXISTS ${name}`);
      await rm(cwd, { recursive: true, force: true });
    },
  };
}
