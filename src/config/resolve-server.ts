import { createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { MigrationError } from '../errors.ts';
import type { DatabaseConfig, Environment } from './schema.ts';

/** What a database driver needs to connect, the password in clear: make it where it is handed over, keep it nowhere. */
export interface ServerSettings {
  readonly label: string;
  readonly host?: string;
  readonly port?: number;
  readonly socketPath?: string;
  readonly user: string;
  readonly password: string;
  /** Absent: no TLS. */
  readonly tls?: TlsFiles;
  readonly serverPublicKey?: string;
  readonly allowInsecureLogin?: boolean;
}

/** The contents of the files. */
interface TlsFiles {
  readonly verify: 'full' | 'ca' | 'none';
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly serverName?: string;
}

/** `role` is for error texts: `source "prod"`. Fails with `config_invalid` when a file can't be read, or isn't what it has
 *  to be. */
export async function resolveServer(environment: Environment, role: string): Promise<ServerSettings> {
  const { host, port, socketPath, user, password, serverPublicKey, allowInsecureLogin } =
    environment.database;
  const tls = await resolveTls(environment);
  return {
    label: `${role} "${environment.name}"`,
    ...(socketPath === undefined ? { ...(host !== undefined && { host }), port } : { socketPath }),
    user,
    password: password.reveal(),
    ...(tls !== undefined && { tls }),
    ...(serverPublicKey !== undefined && {
      serverPublicKey: await readPem(environment, 'serverPublicKey', serverPublicKey, createPublicKey),
    }),
    ...(allowInsecureLogin && { allowInsecureLogin }),
  };
}

type TlsSection = Exclude<DatabaseConfig['tls'], boolean>;

async function resolveTls(environment: Environment): Promise<TlsFiles | undefined> {
  const { tls } = environment.database;
  if (tls === false) return undefined;
  if (tls === true) return { verify: 'full' };
  const { verify, serverName } = tls;
  return {
    verify,
    ...(serverName !== undefined && { serverName }),
    ...(await readFiles(environment, tls)),
  };
}

async function readFiles(
  environment: Environment,
  { ca, cert, key }: TlsSection,
): Promise<{ ca?: string; cert?: string; key?: string }> {
  const authority = ca && (await readPem(environment, 'tls.ca', ca, toCertificate));
  if (cert === undefined || key === undefined) return { ...(authority && { ca: authority }) };
  const own = await readPem(environment, 'tls.cert', cert, toCertificate);
  const secret = await readPem(environment, 'tls.key', key, content => {
    if (!toCertificate(own).checkPrivateKey(createPrivateKey(content)))
      throw new Error('it is not the key of "cert"');
  });
  return { ...(authority && { ca: authority }), cert: own, key: secret };
}

const toCertificate = (pem: string): X509Certificate => new X509Certificate(pem);

async function readPem(
  { name }: Environment,
  setting: string,
  file: string,
  judge: (content: string) => unknown,
): Promise<string> {
  try {
    const content = await readFile(file, 'utf8');
    judge(content);
    return content;
  } catch (error) {
    const reason = (error as Error).message;
    throw new MigrationError(
      'config_invalid',
      `Cannot read environments.${name}.database.${setting}: ${reason}`,
      {
        cause: error,
      },
    );
  }
}
