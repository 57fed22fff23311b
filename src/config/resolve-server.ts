import { readFile } from 'node:fs/promises';
import { MigrationError } from '../errors.ts';
import type { Environment } from './schema.ts';

/** What a database driver needs to connect, the password in clear: make it where it is handed over, keep it nowhere. */
export interface ServerSettings {
  readonly label: string;
  readonly host?: string;
  readonly port?: number;
  readonly socketPath?: string;
  readonly user: string;
  readonly password: string;
  /** As Node's `tls.connect` takes it; absent: no TLS. */
  readonly tls?: { readonly rejectUnauthorized: boolean; readonly ca?: string };
}

/** `role` is for error texts: `source "prod"`. Fails with `config_invalid` when the authority's file can't be read. */
export async function resolveServer(environment: Environment, role: string): Promise<ServerSettings> {
  const { host, port, socketPath, user, password } = environment.database;
  const tls = await resolveTls(environment);
  return {
    label: `${role} "${environment.name}"`,
    ...(socketPath === undefined ? { ...(host !== undefined && { host }), port } : { socketPath }),
    user,
    password: password.reveal(),
    ...(tls !== undefined && { tls }),
  };
}

async function resolveTls({ name, database }: Environment): Promise<ServerSettings['tls']> {
  const { tls } = database;
  if (tls === false) return undefined;
  if (tls === true) return { rejectUnauthorized: true };
  if (tls.ca === undefined) return { rejectUnauthorized: tls.verify };
  try {
    return { rejectUnauthorized: tls.verify, ca: await readFile(tls.ca, 'utf8') };
  } catch (error) {
    const reason = (error as Error).message;
    throw new MigrationError(
      'config_invalid',
      `Cannot read environments.${name}.database.tls.ca: ${reason}`,
      {
        cause: error,
      },
    );
  }
}
