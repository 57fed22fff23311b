// An environment `prod2`: another network by the addresses of `prod`, on the same server.

import type { Environments } from './environments.ts';
import { loadNetwork, type NetworkOptions } from './generate-network.ts';
import { createDatabaseName, createUser } from './servers.ts';

export async function addOtherSource(pair: Environments, network: NetworkOptions): Promise<AsyncDisposable> {
  const { server } = pair.source;
  const database = createDatabaseName('prod2');
  await loadNetwork(server, database, network);
  const reader = await createUser(server, `GRANT SELECT ON ${database}.*`);
  pair.env.PROD2_DB_PASSWORD = reader.password;
  await pair.configure(config => {
    const { prod } = config.environments;
    config.environments.prod2 = {
      ...prod,
      database: { ...prod.database, name: database, user: reader.user, password: `\${PROD2_DB_PASSWORD}` },
    };
  });
  return {
    async [Symbol.asyncDispose]() {
      await server.query(`DROP DATABASE ${database}`);
    },
  };
}
