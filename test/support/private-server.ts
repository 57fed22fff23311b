// Private throwaway database servers on loopback, for tests, the demo and benchmarks: a folder of their own under
// the temporary directory, root without a password over the socket, and gone with the process that started them.
// What is peculiar to MariaDB and MySQL is in mariadb-server.ts and mysql-server.ts.
//
// Nothing here is durable against a crash of the machine (no fsync), but everything survives `kill()`: that is
// what crash tests need.

import { existsSync, rmSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa, type Options, type ResultPromise } from 'execa';
import mysql from 'mysql2/promise';
import { makeOnce } from './cache.ts';

/** A server that somebody else runs: enough to talk to it. */
export interface ServerEndpoint {
  readonly port: number;
  readonly socketPath: string;
  /** As root over the socket, on a fresh connection (so it works right after a restart). Of several statements,
   *  the rows of the last; dates as strings; integers beyond 2^53 as strings. */
  query<T = Record<string, unknown>>(sql: string, values?: unknown[]): Promise<T[]>;
  /** Pipes SQL text into `database` (created if missing) through the mariadb client. */
  load(database: string, sql: NodeJS.ReadableStream): Promise<void>;
}

export interface PrivateServer extends ServerEndpoint, AsyncDisposable {
  readonly dir: string;
  readonly pid: number;
  /** Clean shutdown, then the folder is removed. May be called twice. */
  stop(): Promise<void>;
  /** SIGKILL, at once; the folder stays for `restart()`. */
  kill(): void;
  /** Starts again on the same folder and port, whether it runs, was killed or crashed. */
  restart(): Promise<void>;
}

export interface PrivateServerOptions {
  /** Further arguments of the program; they win over the ones given here. */
  readonly args?: readonly string[];
  /** A data folder to begin with a copy of, of a server that doesn't run at the moment. */
  readonly dataFrom?: string;
}

/** A make of server. */
export interface ServerKind {
  readonly name: 'mariadb' | 'mysql';
  readonly program: string;
  /** Beside those that every kind takes. */
  readonly args: readonly string[];
  /** Tells its data folder from that of others of the name. */
  readonly variant?: string;
  /** Makes a data folder; `tmp` is an empty folder for what it needs meanwhile. */
  install(data: string, tmp: string): Promise<void>;
}

const FOLDER_PREFIX = 'wfuwp-server-';
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 30_000;

/** Detached: Ctrl-C in the terminal is for the program under test, not for its databases. */
const SERVER_PROCESS = {
  detached: true,
  cleanup: false,
  stdio: 'ignore',
  reject: false,
} as const satisfies Options;

/** A running server by its address, e.g. one that the test run's global set-up started. */
export function attachServer({ port, socketPath }: { port: number; socketPath: string }): ServerEndpoint {
  return {
    port,
    socketPath,
    query: (sql, values) => query(socketPath, sql, values),
    load: (database, sql) => load(socketPath, database, sql),
  };
}

export async function startPrivateServer(
  kind: ServerKind,
  options: PrivateServerOptions = {},
): Promise<PrivateServer> {
  const beginning = options.dataFrom ?? (await prepareTemplate(kind));
  await removeOrphanedFolders();

  const dir = await makeFolder();
  try {
    const socketPath = join(dir, 'sock');
    // The limit is the kernel's; a longer path fails with nothing but "Can't start server".
    if (Buffer.byteLength(socketPath) > 107) {
      throw new Error(
        `The socket path ${socketPath} is longer than 107 characters; set TMPDIR to a shorter folder.`,
      );
    }
    await execa('cp', ['-a', beginning, join(dir, 'data')]);
    await mkdir(join(dir, 'tmp'));

    for (let attempt = 1; ; attempt++) {
      const args = [...kind.args, ...(options.args ?? [])];
      const server = new ServerProcess(kind.program, dir, await findFreePort(), socketPath, args);
      try {
        await server.start();
        return server;
      } catch (error) {
        // Between finding the port and binding it, another process may have taken it.
        if (attempt >= 5 || !(error instanceof Error && /Address already in use/.test(error.message)))
          throw error;
      }
    }
  } catch (error) {
    await removeFolder(dir);
    throw error;
  }
}

class ServerProcess implements PrivateServer {
  readonly dir: string;
  readonly port: number;
  readonly socketPath: string;
  readonly #program: string;
  readonly #args: readonly string[];
  #process: ResultPromise<typeof SERVER_PROCESS> | undefined;
  #exited = true;
  #stopped = false;

  constructor(program: string, dir: string, port: number, socketPath: string, args: readonly string[]) {
    this.#program = program;
    this.dir = dir;
    this.port = port;
    this.socketPath = socketPath;
    this.#args = args;
  }

  get pid(): number {
    const pid = this.#process?.pid;
    if (pid === undefined) throw new Error(`The server in ${this.dir} was never started.`);
    return pid;
  }

  query<T = Record<string, unknown>>(sql: string, values?: unknown[]): Promise<T[]> {
    return query<T>(this.socketPath, sql, values);
  }

  load(database: string, sql: NodeJS.ReadableStream): Promise<void> {
    return load(this.socketPath, database, sql);
  }

  async start(): Promise<void> {
    const server = execa(...withParent(this.#program, this.#serverArgs()), SERVER_PROCESS);
    this.#process = server;
    this.#exited = false;
    if (server.pid !== undefined) liveFolders.set(this.dir, server.pid);
    const exit = server.then(result => {
      this.#exited = true;
      if (this.#process === server && liveFolders.has(this.dir)) liveFolders.set(this.dir, undefined);
      return result;
    });
    // A forgotten stop() must not keep a test process from ending; the exit hook removes the server.
    server.nodeChildProcess.unref();

    const deadline = Date.now() + START_TIMEOUT_MS;
    while (!(await accepts(this.socketPath))) {
      if (this.#exited) {
        const { exitCode, signal, originalMessage } = await exit;
        const how = exitCode === undefined ? (signal ?? originalMessage) : `exit code ${exitCode}`;
        throw await this.#startError(`it ended with ${how}`);
      }
      if (Date.now() > deadline) {
        this.kill();
        throw await this.#startError(`it accepted no connection within ${START_TIMEOUT_MS / 1000} s`);
      }
      await sleep(20);
    }
  }

  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    await this.#shutDown();
    await removeFolder(this.dir);
  }

  kill(): void {
    if (!this.#exited) killProcess(this.pid, 'SIGKILL');
  }

  async restart(): Promise<void> {
    if (this.#stopped) throw new Error(`The server in ${this.dir} was stopped and its folder is gone.`);
    await this.#shutDown();
    await this.start();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #shutDown(): Promise<void> {
    if (this.#exited || this.#process === undefined) return;
    killProcess(this.pid, 'SIGTERM');
    const giveUp = setTimeout(() => this.kill(), STOP_TIMEOUT_MS);
    await this.#process;
    clearTimeout(giveUp);
  }

  async #startError(how: string): Promise<Error> {
    const log = await readFile(join(this.dir, 'error.log'), 'utf8').catch(() => '');
    const tail = log.trimEnd().split('\n').slice(-15).join('\n');
    return new Error(`A private server did not start: ${how}.\n${tail || '(its error log is empty)'}`);
  }

  #serverArgs(): string[] {
    const { dir } = this;
    return [
      '--no-defaults',
      ...asRoot(),
      `--datadir=${join(dir, 'data')}`,
      `--tmpdir=${join(dir, 'tmp')}`,
      `--socket=${this.socketPath}`,
      `--pid-file=${join(dir, 'pid')}`,
      `--log-error=${join(dir, 'error.log')}`,
      '--bind-address=127.0.0.1',
      `--port=${this.port}`,
      '--skip-name-resolve',
      '--performance-schema=off',
      '--character-set-server=utf8mb4',
      '--collation-server=utf8mb4_unicode_520_ci',
      '--default-time-zone=+00:00',
      '--local-infile=1',
      '--innodb-buffer-pool-size=64M',
      // Written to the kernel at commit, never flushed to the disk: survives SIGKILL, costs nothing.
      '--innodb-flush-method=nosync',
      '--innodb-flush-log-at-trx-commit=2',
      '--innodb-buffer-pool-dump-at-shutdown=0',
      '--innodb-buffer-pool-load-at-startup=0',
      ...this.#args,
    ];
  }
}

// ---------------------------------------------------------------- talking to a server

async function query<T>(socketPath: string, sql: string, values?: unknown[]): Promise<T[]> {
  const connection = await mysql.createConnection({
    socketPath,
    user: 'root',
    charset: 'utf8mb4',
    multipleStatements: true,
    dateStrings: true,
    supportBigNumbers: true,
  });
  try {
    const [result] = await connection.query(sql, values);
    await connection.end();
    const rows = Array.isArray(result) && isResultList(result) ? result.at(-1) : result;
    return (Array.isArray(rows) ? rows : []) as T[];
  } finally {
    // After a failed query; once ended it does nothing.
    connection.destroy();
  }
}

async function accepts(socketPath: string): Promise<boolean> {
  if (!existsSync(socketPath)) return false;
  return query(socketPath, 'DO 1').then(
    () => true,
    () => false,
  );
}

/** Several statements give a list whose members are row lists or headers; one statement gives a list of rows. */
function isResultList(result: readonly unknown[]): boolean {
  return result.some(item => Array.isArray(item) || (item as object).constructor.name === 'ResultSetHeader');
}

async function load(socketPath: string, database: string, sql: NodeJS.ReadableStream): Promise<void> {
  await query(socketPath, `CREATE DATABASE IF NOT EXISTS ${mysql.escapeId(database, true)}`);
  // --binary-mode: without it the client changes \r\n to \n inside quoted values.
  const args = ['--no-defaults', `--socket=${socketPath}`, '--user=root', '--binary-mode'];
  const client = execa(
    findProgram('mariadb', 'mysql'),
    [...args, '--default-character-set=utf8mb4', '--max-allowed-packet=1G', `--database=${database}`],
    { stdin: 'pipe', stdout: 'ignore', reject: false },
  );
  // The client closes its end on the first bad statement; its own message says why, not the broken pipe.
  client.stdin.on('error', () => {});
  let broken: Error | undefined;
  sql.once('error', (error: Error) => {
    broken = error;
    client.kill();
  });
  sql.pipe(client.stdin);
  const result = await client;
  if (broken !== undefined) throw broken;
  if (result.failed)
    throw new Error(`Loading SQL into ${database} failed: ${result.stderr || result.shortMessage}`);
}

// ---------------------------------------------------------------- starting one

export function findProgram(...names: string[]): string {
  // Servers live in /usr/sbin, which is not on everybody's PATH.
  const folders = [
    ...(process.env.PATH ?? '').split(delimiter),
    '/usr/sbin',
    '/usr/local/sbin',
    '/usr/local/bin',
  ];
  for (const name of names) {
    for (const folder of folders) {
      const path = join(folder, name);
      if (folder !== '' && existsSync(path)) return path;
    }
  }
  throw new Error(`MariaDB's ${names[0]} is not installed; bin/setup --with-mariadb installs it.`);
}

export function asRoot(): string[] {
  // Started as root, a server refuses to run unless told for whom.
  return process.getuid?.() === 0 ? ['--user=root'] : [];
}

/** On Linux the kernel kills the server even when this process is killed and its exit hook never runs. */
export function withParent(program: string, args: string[]): [string, string[]] {
  return existsSync('/usr/bin/setpriv')
    ? ['/usr/bin/setpriv', ['--pdeathsig', 'SIGKILL', '--', program, ...args]]
    : [program, args];
}

/** A fresh data folder of this server version, made once per checkout and copied for each server. */
async function prepareTemplate({ name, variant = '', program, install }: ServerKind): Promise<string> {
  const { stdout: version } = await execa(program, ['--no-defaults', '--version']);
  return makeOnce(name, `${version}\n${userInfo().username}${variant}`, async draft => {
    // Own tmpdir: a starting server deletes every temporary table it finds there, also another's.
    const tmp = await makeFolder();
    try {
      await install(draft, tmp);
    } finally {
      await removeFolder(tmp);
    }
  });
}

async function findFreePort(): Promise<number> {
  const listener = createServer();
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  listener.once('error', reject);
  listener.listen(0, '127.0.0.1', () => {
    const address = listener.address();
    listener.close(() => {
      if (address !== null && typeof address === 'object') resolve(address.port);
      else reject(new Error('No free port on 127.0.0.1.'));
    });
  });
  return promise;
}

// ---------------------------------------------------------------- leaving nothing behind

/** Folders of this process with the pid of the server in them, if one runs. */
const liveFolders = new Map<string, number | undefined>();

process.on('exit', () => {
  for (const [dir, pid] of liveFolders) {
    if (pid !== undefined) killProcess(pid, 'SIGKILL');
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  }
});

/** A new folder that bears its owner's pid, so that a later run knows when nobody owns it any more. */
async function makeFolder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), `${FOLDER_PREFIX}${process.pid}-`));
  liveFolders.set(dir, undefined);
  return dir;
}

async function removeFolder(dir: string): Promise<void> {
  liveFolders.delete(dir);
  await rm(dir, { recursive: true, force: true, maxRetries: 5 });
}

/** What processes left behind that were killed before they could tidy up. */
async function removeOrphanedFolders(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const owner = /^wfuwp-server-(\d+)-/.exec(name)?.[1];
    if (owner === undefined || isAlive(Number(owner))) continue;
    const dir = join(tmpdir(), name);
    // A server that still answers may belong to a process that this one can't see (another container).
    if (await accepts(join(dir, 'sock'))) continue;
    // Another user's folder can't be removed, and needn't be.
    await rm(dir, { recursive: true, force: true }).catch(() => {});
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

function killProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
