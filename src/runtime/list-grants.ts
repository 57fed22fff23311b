// The rights that a pair of environments needs, as statements for whoever may give them.

import type { DatabaseConfig, Environment } from '../config/schema.ts';
import type { EnvironmentGrants, GrantStatement } from '../migration/grants-report.ts';
import { connectTarget } from '../mysql/client.ts';
import { SOURCE_RIGHTS, SOURCE_SIGHT, TARGET_RIGHTS } from '../mysql/grants.ts';
import { nameFlavour } from '../mysql/read-server.ts';
import { quoteName } from '../mysql/table-names.ts';
import { reachServer } from './reach-server.ts';

/** `offline`: the servers aren't asked for the account. */
export async function listGrants(
  source: Environment,
  target: Environment,
  { offline }: { readonly offline: boolean },
): Promise<readonly EnvironmentGrants[]> {
  const [from, to] = await Promise.all(
    [source, target].map(async environment => (offline ? null : await askAccount(environment))),
  );
  const { name, staging, previous } = target.database;
  return [
    describe(source, 'source', from ?? null, user => [
      { sql: grant(SOURCE_RIGHTS, source.database.name, user) },
      {
        sql: grant(SOURCE_SIGHT, source.database.name, user),
        optional: 'The plan then sees triggers, routines, events and foreign keys; it changes none.',
      },
    ]),
    describe(target, 'target', to ?? null, user => [
      { sql: grant(TARGET_RIGHTS.live, name, user) },
      { sql: grant(TARGET_RIGHTS.staging, staging, user) },
      { sql: grant(TARGET_RIGHTS.previous, previous, user) },
      ...(describePlace(source.database) === describePlace(target.database)
        ? [
            {
              sql: grant(SOURCE_RIGHTS, source.database.name, user),
              optional: 'Rows without a source host are then copied inside the server.',
            },
          ]
        : []),
      ...(to?.flavour === 'mysql'
        ? [{ sql: grant(['TRIGGER'], name, user), optional: 'The plan then sees triggers of live tables.' }]
        : []),
      {
        sql: `GRANT PROCESS ON *.* TO ${user};`,
        optional: 'The plan then sees foreign keys of other databases that lead to the tables.',
      },
    ]),
  ];
}

function describe(
  { name, database }: Environment,
  role: EnvironmentGrants['role'],
  asked: Account | null,
  list: (user: string) => readonly GrantStatement[],
): EnvironmentGrants {
  const account = asked?.account ?? null;
  const statements = list(account ?? `${quoteText(database.user)}@'%'`);
  return { environment: name, role, server: describePlace(database), account, statements };
}

const grant = (rights: readonly string[], database: string, user: string): string =>
  `GRANT ${rights.join(', ')} ON ${quoteName(database)}.* TO ${user};`;

const describePlace = ({ socketPath, host, port }: DatabaseConfig): string => socketPath ?? `${host}:${port}`;

interface Account {
  readonly account: string;
  readonly flavour: 'mariadb' | 'mysql';
}

/** null: the server can't be reached, or doesn't let the user in. */
async function askAccount(environment: Environment): Promise<Account | null> {
  try {
    await using connection = await connectTarget(await reachServer(environment, 'environment'));
    const [row] = await connection.query<{ account: string; version: string }>(
      'SELECT CURRENT_USER() AS account, VERSION() AS version',
    );
    const at = row!.account.lastIndexOf('@');
    const [user, host] = [row!.account.slice(0, at), row!.account.slice(at + 1)];
    return { account: `${quoteText(user)}@${quoteText(host)}`, flavour: nameFlavour(row!.version) };
  } catch {
    return null;
  }
}

const quoteText = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
