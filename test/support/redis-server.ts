// A Redis of its own for tests of the object cache: on loopback, in a folder that goes with it. Debian's redis-server.

import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';

/** For the title of what is skipped without it. */
export const whyNoRedis = ['redis-server', 'redis-cli'].every(
  program => spawnSync(program, ['--version']).status === 0,
)
  ? ''
  : ' (not tried: there is no redis-server with its redis-cli)';

export class RedisServer implements AsyncDisposable {
  readonly port: number;
  readonly #stop: () => Promise<void>;

  private constructor(port: number, stop: () => Promise<void>) {
    this.port = port;
    this.#stop = stop;
  }

  static async start(): Promise<RedisServer> {
    const folder = await mkdtemp(join(tmpdir(), 'wfuwp-redis-'));
    const port = await findFreePort();
    const settings = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', folder, '--save', ''];
    const running = execa('redis-server', settings, { reject: false });
    const server = new RedisServer(port, async () => {
      running.kill('SIGTERM');
      await running;
      await rm(folder, { recursive: true });
    });
    for (let tries = 0; (await server.ask('PING')) !== 'PONG'; tries += 1) {
      if (tries > 100) throw new Error('redis-server does not answer');
    }
    return server;
  }

  async ask(...words: string[]): Promise<string> {
    const { stdout } = await execa('redis-cli', ['-p', `${this.port}`, ...words], { reject: false });
    return stdout;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop();
  }
}

function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
