// What an integration test begins with:
//
//   const { source, target } = useServers();
//   const database = createDatabaseName('oracle');
//   await loadNetwork(source, database, { sites: 5 });
//   const reader = await createUser(source, `GRANT SELECT ON ${database}.*`);

import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import type { MariadbEndpoint } from './mariadb-server.ts';
import { attachServer } from './private-server.ts';

/** The two servers of this test run, shared by all tests of the integration project. */
export function useServers(): { source: MariadbEndpoint; target: MariadbEndpoint } {
  return {
    source: attachServer(inject('sourceServer')),
    target: attachServer(inject('targetServer')),
  };
}

/** A name that no other test uses; it needs no quoting and leaves room for suffixes such as `_incoming`. */
export function createDatabaseName(prefix: string): string {
  return `${prefix.replaceAll(/\W/g, '_').slice(0, 30)}_${randomBytes(4).toString('hex')}`;
}

export interface DatabaseUser {
  readonly user: string;
  readonly password: string;
}

/** A new user for connections over TCP with just these rights; each as in `GRANT SELECT ON db.*`. */
export async function createUser(
  server: MariadbEndpoint,
  ...grants: readonly string[]
): Promise<DatabaseUser> {
  const user = `user_${randomBytes(4).toString('hex')}`;
  const password = randomBytes(12).toString('base64url');
  await server.query(`CREATE USER '${user}'@'%' IDENTIFIED BY '${password}'`);
  for (const grant of grants) await server.query(`${grant} TO '${user}'@'%'`);
  return { user, password };
}
