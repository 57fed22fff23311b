// Vitest's global set-up of the integration project: dist/ as its sources are now, one source and one target server for the whole run. Tests
// get at them with useServers() (servers.ts) and make databases of their own; a test that kills a server or
// changes its global variables starts its own with startMariadbServer().

import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import type { TestProject } from 'vitest/node';
import { startMariadbServer } from './mariadb-server.ts';

interface ServerAddress {
  readonly port: number;
  readonly socketPath: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    readonly sourceServer: ServerAddress;
    readonly targetServer: ServerAddress;
  }
}

export default async function startGlobalServers(project: TestProject): Promise<() => Promise<void>> {
  await execa(fileURLToPath(new URL('../../bin/setup', import.meta.url)), ['--with-mariadb']);
  const [source, target] = await Promise.all([startMariadbServer(), startMariadbServer()]);
  project.provide('sourceServer', { port: source.port, socketPath: source.socketPath });
  project.provide('targetServer', { port: target.port, socketPath: target.socketPath });
  return async () => {
    await Promise.all([source.stop(), target.stop()]);
  };
}
