// Kills the real program at any moment, resumes it, and looks after every kill whether each site of the target is
// wholly what it was or wholly what it shall be.
//
// One bed is one target and two sources, A and B, that hold other content for the same sites. A round migrates the one
// that the target does not hold at the moment: so nothing has to be restored between rounds, and the rounds also meet
// what the earlier ones have left.

import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createEnvironments, type Environments } from '../support/environments.ts';
import { checksumTables, loadNetwork } from '../support/generate-network.ts';
import type { MariadbEndpoint } from '../support/mariadb-server.ts';
import { listRunIds, loadOracle, ofType, readLines, stagedTables } from '../support/runs.ts';
import { createDatabaseName, createUser } from '../support/servers.ts';
import type { Kill } from './kills.ts';

const NETWORK = { sites: 4, scale: 0.03 };
const SOURCES = ['prod', 'prod2'] as const;
/** A source that the program is about to migrate. */
interface Source {
  readonly name: string;
  readonly database: string;
  readonly checksums: ReadonlyMap<string, string>;
  /** What the target holds once it is migrated. */
  readonly oracle: ReadonlyMap<string, string>;
}

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
}

export class CrashBed implements AsyncDisposable {
  readonly #pair: Environments;
  readonly #sources: readonly Source[];
  /** Index of the source whose content the target has now. */
  #holds = 1;

  private constructor(pair: Environments, sources: readonly Source[]) {
    this.#pair = pair;
    this.#sources = sources;
  }

  static async create(servers: { source: MariadbEndpoint; target: MariadbEndpoint }): Promise<CrashBed> {
    const { source, target } = servers;
    const other = { ...NETWORK, seed: 2 };
    const live = { ...other, domain: 'stg.example.edu', emailDomain: 'prod.example.edu' };
    const pair = await createEnvironments({ ...NETWORK, live, servers });
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
    return new CrashBed(pair, await Promise.all(sources));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pair.source.server.query(`DROP DATABASE IF EXISTS ${this.#sources[1]!.database}`);
    await this.#pair[Symbol.asyncDispose]();
  }

  /** Runs without being killed; also measures how long that takes. */
  async runCleanly(): Promise<number> {
    const startedAt = performance.now();
    const { problems } = await this.runRound([]);
    if (problems.length > 0) throw new Error(problems.join('\n'));
    return performance.now() - startedAt;
  }

  /** One migration that is killed at each of these moments in turn, as far as it comes to them, and resumed. */
  async runRound(kills: readonly Kill[]): Promise<RoundOutcome> {
    const [from, to] = [this.#sources[this.#holds]!, this.#sources[1 - this.#holds]!];
    const logDir = `logs-${Date.now()}-${Math.random().toString(36).slice(2, 8)}`;
    const folder = join(this.#pair.cwd, logDir);
    const outcomes: KillOutcome[] = [];
    const waiting = [...kills];
    for (;;) {
      const kill = waiting.shift() ?? null;
      const start = await this.#findStart(folder, to.name);
      const ended = await this.#run([...start, '--yes', '--json', '--log-dir', logDir], kill);
      if (ended.signal !== 'SIGKILL') {
        const problems = await this.#checkEnd(folder, to, ended);
        if (problems.length === 0) await rm(folder, { recursive: true });
        // Of a target that is neither one nor the other no further round could be judged.
        else if (outcomes.length === 0 || kills.length === 0) throw new Error(problems.join('\n'));
        this.#holds = 1 - this.#holds;
        return { kills: outcomes, notReached: [...(kill ? [kill] : []), ...waiting], problems };
      }
      const { swapped, problems } = await this.#checkMiddle(from, to);
      const runId = (await listRunIds(folder)).at(-1) ?? 'no run directory';
      if (kill) outcomes.push({ kill, runId, swapped, problems });
    }
  }

  /** What a person would type: --resume, unless the run died before it had written down what it is. */
  async #findStart(folder: string, source: string): Promise<string[]> {
    const id = (await listRunIds(folder)).at(-1);
    if (id === undefined) return ['env-migrate', source, 'stg'];
    const files = ['migration-plan.json', 'migration-config.json'].map(name => join(folder, id, name));
    return files.every(path => existsSync(path))
      ? ['env-migrate', '--resume', id]
      : ['env-migrate', source, 'stg'];
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

  /** Each unit is wholly old or wholly new. */
  async #checkMiddle(from: Source, to: Source): Promise<{ swapped: string; problems: string[] }> {
    const found = await this.#readAtOnce([...to.oracle.keys()]);
    const problems: string[] = [];
    let swapped = 0;
    const units = Map.groupBy(to.oracle.keys(), unitOf);
    for (const [unit, tables] of units) {
      const isOld = tables.every(table => found.get(table) === from.oracle.get(table));
      const isNew = tables.every(table => found.get(table) === to.oracle.get(table));
      if (isNew) swapped += 1;
      if (isOld === isNew) {
        const told = tables.map(
          table => `${table} ${judge(found.get(table), from.oracle.get(table), to.oracle.get(table))}`,
        );
        problems.push(`${unit} is neither old nor new: ${told.join(', ')}`);
      }
    }
    return { swapped: `${swapped}/${units.size}`, problems };
  }

  /** Of one moment, even while the server still carries out what the killed process has last asked of it: nothing
   *  changes places as long as all tables are locked. So the resume may meet that statement, too. */
  async #readAtOnce(tables: readonly string[]): Promise<Map<string, string>> {
    const { server, database } = this.#pair.target;
    const names = tables.map(table => `${database}.${table}`);
    const locks = names.map(name => `${name} READ`).join(', ');
    const rows = await server.query<{ Table: string; Checksum: unknown }>(
      `LOCK TABLES ${locks}; CHECKSUM TABLE ${names.join(', ')}`,
    );
    return new Map(rows.map(row => [row.Table.slice(database.length + 1), String(row.Checksum)]));
  }

  async #checkEnd(folder: string, to: Source, { exitCode, text }: Ended): Promise<string[]> {
    const { source, target } = this.#pair;
    const problems: string[] = [];
    const isEnded = exitCode === 2 && (await hasEnded(folder));
    if (exitCode !== 0 && !isEnded) problems.push(`the run ended with ${exitCode}: ${text}`);
    const found = await checksumTables(target.server, target.database);
    const wrong = [...to.oracle].filter(([table, checksum]) => found.get(table) !== checksum);
    if (wrong.length > 0) problems.push(`not as in the oracle: ${wrong.map(([table]) => table).join(', ')}`);
    const staged = await stagedTables(this.#pair);
    if (staged.length > 0) problems.push(`left in staging: ${staged.join(', ')}`);
    const now = await checksumTables(source.server, to.database);
    if ([...to.checksums].some(([table, checksum]) => now.get(table) !== checksum))
      problems.push('the source has changed');
    for (const id of await listRunIds(folder)) {
      const done = ofType(await readLines(join(folder, id)), 'site.completed').map(line => line.siteId);
      if (new Set(done).size !== done.length)
        problems.push(`${id} has done a site twice: ${done.join(', ')}`);
    }
    return problems;
  }
}

interface Ended {
  readonly signal: string | undefined;
  readonly exitCode: number | undefined;
  readonly text: string;
}

/** Killed after its last line, a run is complete; a resume says so and does nothing. */
async function hasEnded(folder: string): Promise<boolean> {
  const id = (await listRunIds(folder)).at(-1) ?? '';
  const last = (await readLines(join(folder, id))).at(-1);
  return last?.type === 'migration.ended' && last.status === 'completed';
}

const NETWORK_TABLES = new Set(['blogs', 'blogmeta', 'site', 'sitemeta'].map(name => `wp_${name}`));

/** The tables that are swapped by one statement. */
function unitOf(table: string): string {
  if (NETWORK_TABLES.has(table)) return 'network';
  return `site ${/^wp_(\d+)_/.exec(table)?.[1] ?? 1}`;
}

function judge(found: string | undefined, old: string | undefined, fresh: string | undefined): string {
  if (found === undefined) return 'missing';
  if (found === old) return found === fresh ? 'same' : 'old';
  return found === fresh ? 'new' : 'strange';
}
