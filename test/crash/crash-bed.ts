// Kills the real program at any moment, starts it again, and looks after every kill whether each site of the target is
// wholly what it was or wholly what it shall be.
//
// One bed is one target and two sources, A and B, that hold other content for the same sites. A round migrates one that
// the target does not hold at the moment, and may roll it back or clean up after it: so nothing has to be restored
// between rounds, and the rounds also meet what the earlier ones have left.

import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { RunDirectory } from '../../src/migration/run-directory.ts';
import { createEnvironments, type Environments } from '../support/environments.ts';
import { checksumTables, loadNetwork } from '../support/generate-network.ts';
import type { MariadbEndpoint } from '../support/mariadb-server.ts';
import { listRunIds, loadOracle, ofType, readLines, stagedTables } from '../support/runs.ts';
import { createDatabaseName, createUser } from '../support/servers.ts';
import { judgeUnits } from '../support/units.ts';
import type { Deed, Kill } from './kills.ts';

const NETWORK = { sites: 4, scale: 0.03 };
/** Some of its tables are large enough to be copied in chunks of this size. */
const CHUNK_BYTES = 50_000;
const SOURCES = ['prod', 'prod2'] as const;

/** What a target holds. */
interface Content {
  readonly oracle: ReadonlyMap<string, string>;
}

/** A source that the program is about to migrate. Its oracle is what the target holds then. */
interface Source extends Content {
  readonly name: string;
  readonly database: string;
  readonly checksums: ReadonlyMap<string, string>;
}

const NOTHING: Content = { oracle: new Map() };

export interface KillOutcome {
  readonly kill: Kill;
  readonly runId: string;
  /** Units that were new at that moment, of all. */
  readonly swapped: string;
  /** Empty: passed. */
  readonly problems: readonly string[];
}

export interface RoundOutcome {
  readonly kills: readonly KillOutcome[];
  /** The process had ended before: these moments never came. */
  readonly notReached: readonly Kill[];
  /** Of the end of the round; they are the fault of one of its kills. */
  readonly problems: readonly string[];
  /** Of the last process. */
  readonly tookMs: number;
}

interface Round {
  readonly from: Content;
  readonly to: Source;
  readonly logDir: string;
  readonly folder: string;
}

interface Servers {
  readonly source: MariadbEndpoint;
  readonly target: MariadbEndpoint;
}

export class CrashBed implements AsyncDisposable {
  readonly #pair: Environments;
  readonly #sources: readonly Source[];
  /** What the target has now. */
  #holds: Content;

  private constructor(pair: Environments, sources: readonly Source[], holds: Content) {
    this.#pair = pair;
    this.#sources = sources;
    this.#holds = holds;
  }

  /** `emptyTarget`: every site is new to it. It stays so only when every round rolls back. */
  static async create(
    servers: Servers,
    { emptyTarget = false }: { emptyTarget?: boolean } = {},
  ): Promise<CrashBed> {
    const { source, target } = servers;
    const other = { ...NETWORK, seed: 2 };
    const live = { ...other, domain: 'stg.example.edu', emailDomain: 'prod.example.edu' };
    const pair = await createEnvironments({ ...NETWORK, ...(emptyTarget ? {} : { live }), servers });
    const database = createDatabaseName('prod2');
    await loadNetwork(source, database, other);
    const reader = await createUser(source, `GRANT SELECT ON ${database}.*`);
    await pair.configure(config => {
      const { prod } = config.environments;
      config.environments.prod2 = { ...prod, database: { ...prod.database, name: database, ...reader } };
    });
    // Hundreds of processes load the same modules.
    pair.env.NODE_COMPILE_CACHE = join(pair.cwd, 'compile-cache');
    const sources = [
      { name: SOURCES[0], database: pair.source.database, network: NETWORK },
      { name: SOURCES[1], database, network: other },
    ].map(async each => ({
      name: each.name,
      database: each.database,
      checksums: await checksumTables(source, each.database),
      oracle: await loadOracle(target, each.network),
    }));
    const known = await Promise.all(sources);
    return new CrashBed(pair, known, emptyTarget ? NOTHING : known[1]!);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pair.source.server.query(`DROP DATABASE IF EXISTS ${this.#sources[1]!.database}`);
    await this.#pair[Symbol.asyncDispose]();
  }

  /** Is not killed; also measures how long that takes. */
  async runCleanly(deed: Deed): Promise<number> {
    const { problems, tookMs } = await this.runRound(deed, []);
    if (problems.length > 0) throw new Error(problems.join('\n'));
    return tookMs;
  }

  /** One migration, rollback or cleanup that is killed at each of these moments in turn, as far as it comes to them,
   *  and called again. */
  async runRound(deed: Deed, kills: readonly Kill[]): Promise<RoundOutcome> {
    const logDir = `logs-${Date.now()}-${Math.random().toString(36).slice(2, 8)}`;
    const folder = join(this.#pair.cwd, logDir);
    const to = this.#sources.find(source => source !== this.#holds)!;
    const round: Round = { from: this.#holds, to, logDir, folder };
    if (deed !== 'migrate') await this.#migrateCleanly(round);
    if (deed === 'cleanup') await this.#addForeignTables();
    const { ended, outcomes, notReached, tookMs } = await this.#killAndRepeat(deed, round, kills);
    const problems = await this.#checkEnd(deed, round, ended);
    if (problems.length === 0) await rm(folder, { recursive: true });
    // Of a target that is neither one nor the other no further round could be judged.
    else if (outcomes.length === 0 || kills.length === 0) throw new Error(problems.join('\n'));
    if (deed !== 'rollback') this.#holds = to;
    return { kills: outcomes, notReached, problems, tookMs };
  }

  async #migrateCleanly(round: Round): Promise<void> {
    const { ended } = await this.#killAndRepeat('migrate', round, []);
    const problems = await this.#checkEnd('migrate', round, ended);
    if (problems.length > 0) throw new Error(problems.join('\n'));
  }

  async #killAndRepeat(
    deed: Deed,
    round: Round,
    kills: readonly Kill[],
  ): Promise<{ ended: Ended; outcomes: KillOutcome[]; notReached: Kill[]; tookMs: number }> {
    const outcomes: KillOutcome[] = [];
    const waiting = [...kills];
    for (;;) {
      const kill = waiting.shift() ?? null;
      const startedAt = performance.now();
      const command = await this.#findCommand(deed, round);
      const ended = await this.#run([...command, '--yes', '--json', '--log-dir', round.logDir], kill);
      const tookMs = performance.now() - startedAt;
      if (ended.signal !== 'SIGKILL')
        return { ended, outcomes, notReached: [...(kill ? [kill] : []), ...waiting], tookMs };
      const { fresh, count, problems } = await judgeUnits(this.#pair, round.from.oracle, round.to.oracle);
      // What was live before may be given up by now: a cleanup must not touch what is live.
      const touched =
        deed === 'cleanup' && fresh.length < count ? ['a cleanup has changed the live tables'] : [];
      const runId = (await listRunIds(round.folder)).at(-1) ?? 'no run directory';
      if (kill)
        outcomes.push({
          kill,
          runId,
          swapped: `${fresh.length}/${count}`,
          problems: [...problems, ...touched],
        });
    }
  }

  /** What a person would type: the same again; of a migration --resume, unless the run died before it had written down
   *  what it is. */
  async #findCommand(deed: Deed, { folder, to }: Round): Promise<string[]> {
    const id = (await listRunIds(folder)).at(-1);
    const start = ['env-migrate', to.name, 'stg', '--chunk-bytes', String(CHUNK_BYTES)];
    if (id === undefined) return start;
    if (deed !== 'migrate') return ['env-migrate', deed, id];
    const files = ['migration-plan.json', 'migration-config.json'].map(name => join(folder, id, name));
    return files.every(path => existsSync(path)) ? ['env-migrate', '--resume', id] : start;
  }

  async #run(args: string[], kill: Kill | null): Promise<Ended> {
    const { env } = this.#pair;
    delete env.WFUWP_KILL_AT;
    if (kill?.kind === 'point') env.WFUWP_KILL_AT = `${kill.point}#${kill.count}`;
    const running = this.#pair.start(...args);
    if (kill?.kind === 'moment') {
      const timer = new AbortController();
      sleep(kill.afterMs, undefined, { signal: timer.signal }).then(
        () => running.kill('SIGKILL'),
        () => {},
      );
      const { signal, exitCode, stdout, stderr } = await running;
      timer.abort();
      return { signal, exitCode, text: stderr + stdout };
    }
    const { signal, exitCode, stdout, stderr } = await running;
    return { signal, exitCode, text: stderr + stdout };
  }

  async #checkEnd(deed: Deed, round: Round, { exitCode, text }: Ended): Promise<string[]> {
    const { source, target } = this.#pair;
    const { from, to, folder } = round;
    const problems: string[] = [];
    const isEnded = deed === 'migrate' && exitCode === 2 && (await hasEnded(folder));
    if (exitCode !== 0 && !isEnded) problems.push(`${deed} ended with ${exitCode}: ${text}`);
    const wrong = await this.#compareLive((deed === 'rollback' ? from : to).oracle);
    if (wrong.length > 0) problems.push(`not as it should be in the end: ${wrong.join(', ')}`);
    const kept = await checksumTables(target.server, target.previous);
    const [staged, previous] = [await stagedTables(this.#pair), [...kept.keys()]];
    if (deed === 'cleanup') problems.push(...(await this.#removeForeignTables(staged, previous)));
    else if (staged.length > 0) problems.push(`left in staging: ${staged.join(', ')}`);
    if (deed === 'rollback' && previous.length > 0) problems.push(`left in previous: ${previous.join(', ')}`);
    const now = await checksumTables(source.server, to.database);
    if ([...to.checksums].some(([table, checksum]) => now.get(table) !== checksum))
      problems.push('the source has changed');
    return [...problems, ...(await checkFiles(folder))];
  }

  /** Tables that differ, or are on one side only. */
  async #compareLive(expected: ReadonlyMap<string, string>): Promise<string[]> {
    const { server, database } = this.#pair.target;
    const found = await checksumTables(server, database);
    for (const table of ['wp_users', 'wp_usermeta']) found.delete(table);
    const names = new Set([...found.keys(), ...expected.keys()]);
    return [...names].filter(table => found.get(table) !== expected.get(table));
  }

  /** They are nobody's that the program knows, and none of its business. */
  async #addForeignTables(): Promise<void> {
    const { server, staging, previous } = this.#pair.target;
    for (const place of [staging, previous]) await server.query(`CREATE TABLE ${place}.${FOREIGN} (id INT)`);
  }

  async #removeForeignTables(staged: readonly string[], kept: readonly string[]): Promise<string[]> {
    const { server, staging, previous } = this.#pair.target;
    for (const place of [staging, previous]) await server.query(`DROP TABLE IF EXISTS ${place}.${FOREIGN}`);
    return [staged, kept]
      .filter(tables => tables.join() !== FOREIGN)
      .map(tables => `after a cleanup only ${FOREIGN} should be left, not: ${tables.join(', ')}`);
  }
}

const FOREIGN = 'somebody_elses';

interface Ended {
  readonly signal: string | undefined;
  readonly exitCode: number | undefined;
  readonly text: string;
}

/** Killed after its last line and its summary, a run is complete; a resume says so and does nothing. */
async function hasEnded(folder: string): Promise<boolean> {
  const id = (await listRunIds(folder)).at(-1) ?? '';
  const last = (await readLines(join(folder, id))).at(-1);
  return last?.type === 'migration.ended' && last.status === 'completed';
}

/** No site was done twice, and the last run's summary tells of its end. */
async function checkFiles(folder: string): Promise<string[]> {
  const problems: string[] = [];
  const ids = await listRunIds(folder);
  for (const id of ids) {
    const done = ofType(await readLines(join(folder, id)), 'site.completed').map(line => line.siteId);
    if (new Set(done).size !== done.length) problems.push(`${id} has done a site twice: ${done.join(', ')}`);
  }
  const last = new RunDirectory(join(folder, ids.at(-1) ?? ''));
  const summary = await last.readSummary();
  const lines = await readLines(last.path);
  if (summary?.lastSeq !== lines.length)
    problems.push(`its summary tells of event ${summary?.lastSeq ?? 'none'} of ${lines.length}`);
  return problems;
}
