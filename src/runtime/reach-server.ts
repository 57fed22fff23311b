// From an environment of the configuration to what it takes to connect to its server.

import { fetchSecrets } from '../config/fetch-secrets.ts';
import { resolvePath } from '../config/read-private-file.ts';
import { resolveServer } from '../config/resolve-server.ts';
import type { Environment } from '../config/schema.ts';
import type { ServerAddress } from '../mysql/client.ts';
import { runCommand } from '../shell/run-command.ts';
import { SshTunnel } from '../shell/ssh-tunnel.ts';

/** A password manager that waits for a person would wait for ever in a run by night. */
const SECRET_TIMEOUT_MS = 10_000;

/** `role` is for error texts: `source "prod"`. */
export async function reachServer(environment: Environment, role: string): Promise<ServerAddress> {
  await openSecrets(environment);
  const address = await resolveServer(environment, role);
  const tunnel = tunnelTo(environment);
  return tunnel ? { ...address, tunnel } : address;
}

/** One for each way there is, for as long as the process lives. */
const tunnels = new Map<string, SshTunnel>();

function tunnelTo({
  database: { ssh, host = 'localhost', port },
  folder,
}: Environment): SshTunnel | undefined {
  if (ssh === undefined) return undefined;
  const { identityFile, ...rest } = ssh;
  const settings = {
    ...(rest.port === undefined ? {} : { port: rest.port }),
    ...(identityFile === undefined ? {} : { identityFile: resolvePath(identityFile, folder) }),
    ...{ through: ssh.host, to: { host, port } },
  };
  const key = JSON.stringify(settings);
  const tunnel = tunnels.get(key) ?? new SshTunnel(settings);
  tunnels.set(key, tunnel);
  return tunnel;
}

/** From now on the environment's secrets can be revealed. */
export function openSecrets(environment: Environment): Promise<void> {
  return fetchSecrets(environment, argv => runCommand({ argv, env: {}, timeoutMs: SECRET_TIMEOUT_MS }));
}
