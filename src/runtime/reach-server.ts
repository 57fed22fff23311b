// From an environment of the configuration to what it takes to connect to its server.

import { fetchSecrets } from '../config/fetch-secrets.ts';
import { resolveServer } from '../config/resolve-server.ts';
import type { Environment } from '../config/schema.ts';
import type { ServerAddress } from '../mysql/client.ts';
import { runCommand } from '../shell/run-command.ts';

/** A password manager that waits for a person would wait for ever in a run by night. */
const SECRET_TIMEOUT_MS = 10_000;

/** `role` is for error texts: `source "prod"`. */
export async function reachServer(environment: Environment, role: string): Promise<ServerAddress> {
  await openSecrets(environment);
  return resolveServer(environment, role);
}

/** From now on the environment's secrets can be revealed. */
export function openSecrets(environment: Environment): Promise<void> {
  return fetchSecrets(environment, argv => runCommand({ argv, env: {}, timeoutMs: SECRET_TIMEOUT_MS }));
}
