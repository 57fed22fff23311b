// One run and its target, for what may happen to a run's directory. Whatever is done to it, a command has either done
// right, or has changed nothing and ended with an error.

import { cp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { KillPoint } from '../../src/lib/kill-points.ts';
import { createEnvironments, type Environments } from '../support/environments.ts';
import { checksumTables } from '../support/generate-network.ts';
import type { MariadbEndpoint } from '../support/mariadb-server.ts';
import { killAt, loadOracle, onlyRunId } from '../support/runs.ts';

export const NETWORK = { sites: 3, scale: 0.02 };
/** What the target holds before it. */
export const LIVE = { ...NETWORK, seed: 2, domain: 'stg.example.edu', emailDomain: 'prod.example.edu' };
const START = ['env-migrate', 'prod', 'stg', '--yes', '--concurrency', '1'];

export interface Servers {
  readonly source: MariadbEndpoint;
  readonly target: MariadbEndpoint;
}

type Tables = ReadonlyMap<string, string>;

/** How far the run has come when something happens to its directory. */
export type Stage =
  | { readonly kind: 'ended' }
  | { readonly kind: 'killed'; readonly at: KillPoint; readonly count: number };

export type Command = 'resume' | 'rollback' | 'cleanup';

export interface Verdict {
  readonly exitCode: number | undefined;
  readonly text: string;
  readonly changed: boolean;
  /** Empty: as it should be. */
  readonly problems: readonly string[];
}

export class RunBed implements AsyncDisposable {
  readonly pair: Environments;
  readonly id: string;
  /** What the target held before the run, and what it shall hold after it. Without users. */
  readonly #old: Tables;
  readonly #oracle: Tables;

  private constructor(pair: Environments, id: string, old: Tables, oracle: Tables) {
    this.pair = pair;
    this.id = id;
    this.#old = old;
    this.#oracle = oracle;
  }

  static async create(servers: Servers, stage: Stage, env: Record<string, string> = {}): Promise<RunBed> {
    const pair = await createEnvironments({ ...NETWORK, live: LIVE, servers });
    Object.assign(pair.env, env);
    const old = await liveTables(pair);
    oracle ??= loadOracle(servers.target, NETWORK);
    if (stage.kind === 'killed') await killAt(pair, stage.at, stage.count, ...START);
    else {
      const { exitCode, stderr } = await pair.run(...START);
      if (exitCode !== 0) throw new Error(stderr);
    }
    const id = await onlyRunId(pair);
    await cp(join(pair.cwd, 'logs'), join(pair.cwd, 'kept'), { recursive: true });
    return new RunBed(pair, id, old, await oracle);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.pair[Symbol.asyncDispose]();
  }

  /** The run's directory, or a copy of it. */
  folder(logDir = 'logs'): string {
    return join(this.pair.cwd, logDir, this.id);
  }

  /** The directory as it was. */
  async restore(): Promise<void> {
    await rm(join(this.pair.cwd, 'logs'), { recursive: true });
    await cp(join(this.pair.cwd, 'kept'), join(this.pair.cwd, 'logs'), { recursive: true });
  }

  async readJournal(): Promise<string> {
    return readFile(join(this.pair.cwd, 'kept', this.id, 'migration-journal.jsonl'), 'utf8');
  }

  /** Calls the command, and looks whether it has done right by every table. */
  async try(command: Command, logDir = 'logs'): Promise<Verdict> {
    const before = await this.#look();
    const args = command === 'resume' ? ['--resume', this.id] : [command, this.id];
    const { exitCode, stdout, stderr } = await this.pair.run(
      'env-migrate',
      ...args,
      '--yes',
      '--log-dir',
      logDir,
    );
    const after = await this.#look();
    const changed = !isDeepEqual(before, after);
    const text = stderr + stdout;
    return { exitCode, text, changed, problems: await this.#judge(command, exitCode, changed, text) };
  }

  async #judge(
    command: Command,
    exitCode: number | undefined,
    changed: boolean,
    text: string,
  ): Promise<string[]> {
    if (/This is a bug/.test(text) || exitCode === 1) return [`${command} ended as a bug: ${text}`];
    if (exitCode !== 0)
      return changed ? [`${command} ended with ${exitCode} and has changed tables: ${text}`] : [];
    const live = await liveTables(this.pair);
    if (command === 'resume')
      return [...this.#compare(live, this.#oracle, 'live'), ...(await this.#findLost(live))];
    if (command === 'rollback') return this.#compare(live, this.#old, 'live');
    const wrong = [...this.#compare(live, this.#oracle, 'live')];
    const untouched = this.#compare(live, this.#old, 'live');
    return wrong.length > 0 && untouched.length > 0 && changed ? wrong : [];
  }

  #compare(found: Tables, wanted: Tables, where: string): string[] {
    const names = new Set([...found.keys(), ...wanted.keys()]);
    const wrong = [...names].filter(name => found.get(name) !== wanted.get(name));
    return wrong.length > 0 ? [`${where}: not as it should be: ${wrong.join(', ')}`] : [];
  }

  /** What was live before the run is kept. */
  async #findLost(live: Tables): Promise<string[]> {
    const { server, previous } = this.pair.target;
    const kept = await checksumTables(server, previous);
    const lost = [...this.#old].filter(([name, sum]) => live.get(name) !== sum && kept.get(name) !== sum);
    return lost.length > 0 ? [`lost what was live before: ${lost.map(([name]) => name).join(', ')}`] : [];
  }

  async #look(): Promise<unknown> {
    const { server, database, staging, previous } = this.pair.target;
    const places = [database, staging, previous];
    return Promise.all(places.map(async place => [...(await checksumTables(server, place))]));
  }
}

let oracle: Promise<Tables> | undefined;

async function liveTables({ target }: Environments): Promise<Map<string, string>> {
  const found = await checksumTables(target.server, target.database);
  for (const table of ['wp_users', 'wp_usermeta']) found.delete(table);
  return found;
}

function isDeepEqual(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
