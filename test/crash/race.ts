// Two processes started together on one target: exactly one runs, and the other says who does.

import { setTimeout as sleep } from 'node:timers/promises';
import { createEnvironments, type Environments } from '../support/environments.ts';
import type { MariadbEndpoint } from '../support/mariadb-server.ts';
import { lockTable } from '../support/runs.ts';

const NETWORK = { sites: 1, scale: 0.02 };

/** Long after one of two processes should have found the target taken. */
const BOTH_RUN_MS = 60_000;

export interface Race extends AsyncDisposable {
  readonly pair: Environments;
  /** The arguments of either process. */
  readonly args: readonly [readonly string[], readonly string[]];
}

/** `apart`: each process has its own log folder, and a configuration with other staging and previous databases. */
export async function createRace(
  servers: { source: MariadbEndpoint; target: MariadbEndpoint },
  { apart = false }: { apart?: boolean } = {},
): Promise<Race> {
  const grants = ['%', '%_incoming', '%_previous', '%_other', '%_before'].map(
    name => `GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, INDEX, REFERENCES ON ${name}.*`,
  );
  const pair = await createEnvironments({ ...NETWORK, servers, targetGrants: grants });
  const start = ['env-migrate', 'prod', 'stg', '--yes', '--json', '--include-sites', '2'];
  const { database } = pair.target;
  if (apart) {
    await pair.configure(config => {
      Object.assign(config.environments, {
        other: {
          ...config.environments.stg,
          database: {
            ...config.environments.stg.database,
            staging: `${database}_other`,
            previous: `${database}_before`,
          },
        },
      });
    });
  }
  const second = apart ? start.with(2, 'other').concat('--log-dir', 'elsewhere') : start;
  return {
    pair,
    args: [start, second],
    async [Symbol.asyncDispose]() {
      for (const name of [`${database}_other`, `${database}_before`])
        await servers.target.query(`DROP DATABASE IF EXISTS ${name}`);
      await pair[Symbol.asyncDispose]();
    },
  };
}

export interface RaceOutcome {
  /** What the processes said. */
  readonly winner: string;
  readonly loser: string;
  /** Empty: it went as it should. */
  readonly problems: readonly string[];
}

/** One start of both. The site is held at the source until one of the two has ended, so that they do meet. */
export async function race({ pair, args }: Race): Promise<RaceOutcome> {
  const { source } = pair;
  await using held = await lockTable(source.server, `${source.database}.wp_2_posts`);
  const running = args.map(each => pair.start(...each));
  const enough = new AbortController();
  const first = await Promise.race([
    ...running.map((process, index) => process.then(() => index)),
    sleep(BOTH_RUN_MS, null, { signal: enough.signal }).catch(() => null),
  ]);
  enough.abort();
  await held[Symbol.asyncDispose]();
  const outcomes = await Promise.all(running);
  const last = 1 - (first ?? 0);
  const loser = outcomes[1 - last]!;
  const winner = outcomes[last]!;
  const problems: string[] = first === null ? ['neither process gave way'] : [];
  if (winner.exitCode !== 0) problems.push(`one process ended with ${winner.exitCode}, not 0`);
  if (loser.exitCode !== 11) problems.push(`the other process ended with ${loser.exitCode}, not 11`);
  // A taker that is not in the row yet can't be named; its lease follows at once.
  const named = loser.stderr + loser.stdout;
  if (!named.includes(`process ${running[last]!.pid} on `) && !named.includes('is just taking'))
    problems.push('the other process does not name the holder');
  return { winner: winner.stderr + winner.stdout, loser: named, problems };
}
