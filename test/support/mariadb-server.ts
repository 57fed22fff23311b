// Private MariaDB servers, see private-server.ts.

import { execa } from 'execa';
import { asRoot, findProgram, type PrivateServer, type PrivateServerOptions, type ServerEndpoint, type ServerKind, startPrivateServer } from './private-server.ts';

export type MariadbEndpoint = ServerEndpoint;
export type MariadbServer = PrivateServer;

export async function startMariadbServer(options: PrivateServerOptions = {}): Promise<MariadbServer> {
  return startPrivateServer(describeMariadb(), options);
}

function describeMariadb(): ServerKind {
  return {
    name: 'mariadb',
    program: findProgram('mariadbd', 'mysqld'),
    args: [
      '--skip-networking=off',
      // After a kill the port may need a moment until it can be bound again.
      '--port-open-timeout=5',
      '--innodb-log-file-size=32M',
      '--debug-no-sync',
      '--sync-frm=0',
    ],
    install,
  };
}

async function install(data: string, tmp: string): Promise<void> {
  const installed = await execa(
    findProgram('mariadb-install-db', 'mysql_install_db'),
    [
      '--no-defaults',
      ...asRoot(),
      `--datadir=${data}`,
      `--tmpdir=${tmp}`,
      '--auth-root-authentication-method=normal',
      '--skip-test-db',
      '--skip-name-resolve',
      '--innodb-log-file-size=32M',
    ],
    { reject: false, all: true },
  );
  if (installed.failed)
    throw new Error(`mariadb-install-db failed: ${installed.shortMessage}\n${installed.all}`);
}
