// The way to a server that only another machine can reach: the system's own ssh, with the configuration, keys and known hosts
// that its user has, forwards a port of this machine. It ends with this process, however that ends, but for SIGKILL.

import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { MigrationError } from '../errors.ts';
import { OutputTail } from './output-tail.ts';

export interface TunnelSettings {
  /** `user@host`, as ssh takes it. */
  readonly through: string;
  readonly port?: number;
  readonly identityFile?: string;
  /** As seen from there. */
  readonly to: { readonly host: string; readonly port: number };
}

const OPTIONS = [
  ...['ExitOnForwardFailure=yes', 'BatchMode=yes', 'ServerAliveInterval=15', 'ConnectTimeout=10'],
  // One that is shared with other programs would outlive this one, or end before.
  ...['ControlMaster=no', 'ControlPath=none'],
].flatMap(option => ['-o', option]);

/** Ctrl-C goes to all programs at a terminal, and HUP when it closes. A run that drains still needs its tunnel, and ssh leaves
 *  a signal ignored that it finds ignored. */
const SHIELDED = process.platform === 'win32' ? [] : ['sh', '-c', 'trap "" INT HUP; exec "$@"', 'sh'];

const OPENING_MS = 30_000;
const LOOK_AGAIN_MS = 50;
/** Between looking for a free port and taking it somebody else may do so. */
const MOST_PORTS = 3;

export class SshTunnel {
  readonly #settings: TunnelSettings;
  #port: Promise<number> | null = null;

  constructor(settings: TunnelSettings) {
    this.#settings = settings;
  }

  get through(): string {
    return this.#settings.through;
  }

  /** The port of this machine that leads there. Opens the tunnel where there is none, or none any more. */
  open(): Promise<number> {
    this.#port ??= this.#start().catch(error => {
      this.#port = null;
      throw error;
    });
    return this.#port;
  }

  async #start(): Promise<number> {
    for (let left = MOST_PORTS - 1; ; left--) {
      const port = await findFreePort();
      const failure = await this.#startAt(port);
      if (failure === null) return port;
      if (left === 0 || !(await isListening(port)))
        throw new MigrationError(
          'connection',
          `the tunnel through ${this.through} could not be opened: ${failure}`,
          { hint: `Try by hand: ssh ${this.through} true. It must ask nothing.` },
        );
    }
  }

  /** Why there is no tunnel at this port; null: there is. */
  async #startAt(port: number): Promise<string | null> {
    const { execa } = await import('execa');
    const [file = '', ...args] = [...SHIELDED, 'ssh', ...this.#listArguments(port)];
    const child = execa(file, args, { stdin: 'ignore', stdout: 'ignore', buffer: false, reject: false });
    const { nodeChildProcess: started } = child;
    const said = new OutputTail();
    child.stderr.on('data', (chunk: Buffer) => said.add(chunk));
    let isOver = false;
    const over = child.then(({ exitCode, originalMessage }) => {
      isOver = true;
      if (exitCode === NO_SUCH_PROGRAM) return 'there is no program "ssh"';
      return (
        said.lines().at(-1) ??
        (exitCode === undefined ? String(originalMessage) : `it ended with ${exitCode}`)
      );
    });
    const isOpen = async (): Promise<null | string> => {
      const until = performance.now() + OPENING_MS;
      while (!isOver) {
        if (await isListening(port)) return isOver ? over : null;
        if (performance.now() > until) {
          child.kill();
          return `nothing came of it in ${OPENING_MS / 1000} s`;
        }
        await sleep(LOOK_AGAIN_MS);
      }
      return over;
    };
    const failure = await isOpen();
    if (failure === null)
      void over.then(() => {
        // The next connection opens another.
        this.#port = null;
      });
    // From now on it keeps nobody waiting: a command that is through ends, and the tunnel with it.
    started.unref();
    (child.stderr as unknown as { unref(): void }).unref();
    return failure;
  }

  #listArguments(port: number): string[] {
    const { through, to, identityFile } = this.#settings;
    const host = to.host.includes(':') ? `[${to.host}]` : to.host;
    return [
      ...['-N', '-L', `127.0.0.1:${port}:${host}:${to.port}`, ...OPTIONS],
      ...(this.#settings.port === undefined ? [] : ['-p', String(this.#settings.port)]),
      ...(identityFile === undefined ? [] : ['-i', identityFile, '-o', 'IdentitiesOnly=yes']),
      through,
    ];
  }
}

/** A shell's word for it. */
const NO_SUCH_PROGRAM = 127;

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function isListening(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
  return promise.finally(() => socket.destroy());
}
