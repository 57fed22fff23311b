// A migration whose surroundings a test can break: source and target are reached through proxies, the target holds an
// older network, and after whatever was done to it the bed says whether anything is in between.
//
//   await using bed = await FaultBed.create();
//   const run = bed.start();  …break something…  const ended = await bed.end(run);
//   await bed.expectWhole(['network', 'site 2']);

import { join } from 'node:path';
import { expect } from 'vitest';
import type { ErrorCode } from '../../src/errors.ts';
import type { Recorded } from '../../src/migration/events.ts';
import type { MigrationState } from '../../src/migration/state.ts';
import { createEnvironments, type Environments } from './environments.ts';
import { checksumTables } from './generate-network.ts';
import type { MariadbEndpoint } from './mariadb-server.ts';
import { differences, loadOracle, ofType, onlyRunId, readLines, readState, stagedTables, waitUntil } from './runs.ts';
import { useServers } from './servers.ts';
import { TcpProxy } from './tcp-proxy.ts';
import { judgeUnits, nameUnit } from './units.ts';
import type { startWfuwp } from './wfuwp.ts';

const LIVE_SEED = 2;

export interface FaultBedOptions {
  readonly sites?: number;
  /** Give one site a table of 2 MB: it is begun first, and can be caught in the middle. */
  readonly bigTable?: boolean;
  /** Its own, where the test harms them. */
  readonly servers?: { source: MariadbEndpoint; target: MariadbEndpoint };
}

export interface EndedRun {
  readonly exitCode: number | undefined;
  // biome-ignore lint/suspicious/noExplicitAny: looked into with matchers
  readonly summary: any;
  /** What it said of its end, for the message of a failed expectation. */
  readonly text: string;
}

export class FaultBed implements AsyncDisposable {
  readonly pair: Environments;
  /** The ways to the servers. */
  readonly toSource: TcpProxy;
  readonly toTarget: TcpProxy;
  readonly #old: ReadonlyMap<string, string>;
  readonly #oracle: ReadonlyMap<string, string>;
  #sourceContent: ReadonlyMap<string, string> = new Map();

  private constructor(
    pair: Environments,
    proxies: { source: TcpProxy; target: TcpProxy },
    content: { old: ReadonlyMap<string, string>; oracle: ReadonlyMap<string, string> },
  ) {
    this.pair = pair;
    this.toSource = proxies.source;
    this.toTarget = proxies.target;
    this.#old = content.old;
    this.#oracle = content.oracle;
  }

  static async create({
    sites = 2,
    bigTable = false,
    servers = useServers(),
  }: FaultBedOptions = {}): Promise<FaultBed> {
    const network = { sites, scale: 0.03 };
    const live = { ...network, seed: LIVE_SEED, domain: 'stg.example.edu', emailDomain: 'prod.example.edu' };
    const [pair, source, target, oracle] = await Promise.all([
      createEnvironments({ ...network, live, servers }),
      TcpProxy.start(servers.source.port),
      TcpProxy.start(servers.target.port),
      loadOracle(servers.target, network),
    ]);
    await pair.configure(config => {
      config.environments.prod.database.port = source.port;
      config.environments.stg.database.port = target.port;
    });
    const old = await checksumTables(pair.target.server, pair.target.database);
    const bed = new FaultBed(pair, { source, target }, { old, oracle });
    if (bigTable) await addBigTable(pair);
    await bed.rememberSource();
    return bed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.toSource, this.toTarget].map(proxy => proxy[Symbol.asyncDispose]()));
    await this.pair[Symbol.asyncDispose]();
  }

  /** Begins a migration of everything. */
  start(...flags: string[]): ReturnType<typeof startWfuwp> {
    const running = this.pair.start('env-migrate', 'prod', 'stg', '--yes', '--json', ...flags);
    void running.then(({ stdout, stderr }) => {
      for (const proxy of [this.toSource, this.toTarget])
        proxy.abandonTraps(`The run ended before it came to that:\n${stderr}${stdout}`);
    });
    return running;
  }

  async run(...flags: string[]): Promise<EndedRun> {
    return this.end(this.start(...flags));
  }

  async resume(...flags: string[]): Promise<EndedRun> {
    const id = await onlyRunId(this.pair);
    return this.end(this.pair.start('env-migrate', '--resume', id, '--yes', '--json', ...flags));
  }

  async end(running: ReturnType<typeof startWfuwp>): Promise<EndedRun> {
    const { exitCode, stdout, stderr } = await running;
    const summary = stdout.startsWith('{') ? JSON.parse(stdout) : {};
    const { status, error, failures } = summary;
    return { exitCode, summary, text: stderr + JSON.stringify({ status, error, failures }, null, 2) };
  }

  async readLines(): Promise<Recorded[]> {
    return readLines(join(this.pair.cwd, 'logs', await onlyRunId(this.pair)));
  }

  async readState(): Promise<MigrationState> {
    return readState(this.pair, await onlyRunId(this.pair));
  }

  /** The units that the journal says are done, in the words of `expectWhole`. */
  async completed(): Promise<string[]> {
    const done = ofType(await this.readLines(), 'site.completed');
    return done.map(({ siteId }) => nameUnit(siteId));
  }

  /** Resolves once the run has said that it tries a step again for such a reason. */
  waitForRetry(code: ErrorCode): Promise<void> {
    return waitUntil(async () => {
      const retries = ofType(await this.readLines().catch(() => []), 'step.retried');
      return retries.some(retry => retry.error.code === code);
    }, `a second attempt because of ${code}`);
  }

  /** After a test has added to the source. */
  async rememberSource(): Promise<void> {
    const { server, database } = this.pair.source;
    this.#sourceContent = await checksumTables(server, database);
  }

  /** Every unit is wholly old or wholly new, these are new, and the source is what it was. */
  async expectWhole(fresh: readonly string[], pair: Environments = this.pair): Promise<void> {
    const sides = await judgeUnits(pair, this.#old, this.#oracle);
    expect(sides.problems).toEqual([]);
    expect(sides.fresh.toSorted()).toEqual(fresh.toSorted());
    await this.#expectSource(pair);
  }

  /** The run is completed, all is new, what was live before is kept, nothing is left over, and the source is what it
   *  was. */
  async expectDone(ended: EndedRun, pair: Environments = this.pair): Promise<void> {
    expect(ended.exitCode, ended.text).toBe(0);
    expect(ended.summary).toMatchObject({ status: 'completed', error: null });
    expect(await differences(pair, this.#oracle)).toEqual([]);
    expect(await stagedTables(pair)).toEqual([]);
    expect(await checksumTables(pair.target.server, pair.target.previous)).toEqual(this.#replaced());
    await this.#expectSource(pair);
  }

  /** What was live before, but for the users, who stay. */
  #replaced(): Map<string, string> {
    return new Map([...this.#old].filter(([table]) => this.#oracle.has(table)));
  }

  async #expectSource({ source }: Environments): Promise<void> {
    expect(await checksumTables(source.server, source.database)).toEqual(this.#sourceContent);
  }
}

/** Of InnoDB: MyISAM would wait for a full disk to get room. */
async function addBigTable({ source: { server, database } }: Environments): Promise<void> {
  await server.query(
    `USE ${database}; CREATE TABLE wp_3_plugin (id INT PRIMARY KEY, t VARCHAR(2000)) ENGINE = InnoDB
     AS SELECT seq AS id, REPEAT('x', 2000) AS t FROM seq_1_to_1000`,
  );
}
