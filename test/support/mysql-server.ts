// Private MySQL servers, see private-server.ts, from what `bin/setup --with-mysql` has unpacked:
//
//   describe.skipIf(whyNoMysql)(`MySQL${whyNoMysql}`, () => { … await startMysqlServer() … })

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { asRoot, type PrivateServer, type PrivateServerOptions, type ServerKind, startPrivateServer } from './private-server.ts';

const PROGRAM = fileURLToPath(new URL('../../.runtime/mysql/mysqld', import.meta.url));

/** For the title of what is skipped without one; empty: there is one. */
export const whyNoMysql = existsSync(PROGRAM)
  ? ''
  : ' (not tried: there is none in .runtime/mysql; bin/setup --with-mysql gets it)';

export async function startMysqlServer(options: PrivateServerOptions = {}): Promise<PrivateServer> {
  return startPrivateServer(MYSQL, options);
}

/** One with lower_case_table_names = 1, which can't be set later. */
export async function startLowerCaseMysqlServer(): Promise<PrivateServer> {
  const args = ['--lower-case-table-names=1'];
  const kind = {
    ...MYSQL,
    variant: 'lower',
    install: (data: string, tmp: string) => install(data, tmp, args),
  };
  return startPrivateServer(kind, { args });
}

const MYSQL: ServerKind = {
  name: 'mysql',
  program: PROGRAM,
  args: ['--mysqlx=off', '--skip-log-bin', '--innodb-redo-log-capacity=32M', '--innodb-doublewrite=OFF'],
  install,
};

async function install(data: string, tmp: string, args: readonly string[] = []): Promise<void> {
  const installed = await execa(
    PROGRAM,
    [
      '--no-defaults',
      ...asRoot(),
      '--initialize-insecure',
      `--datadir=${data}`,
      `--tmpdir=${tmp}`,
      '--innodb-flush-method=nosync',
      '--innodb-redo-log-capacity=32M',
      ...args,
    ],
    { reject: false, all: true },
  );
  if (installed.failed)
    throw new Error(`mysqld --initialize failed: ${installed.shortMessage}\n${installed.all}`);
}
