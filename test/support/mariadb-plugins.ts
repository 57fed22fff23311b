// MariaDB servers with the storage engines that are plugins, from what `bin/setup --with-engines` has unpacked:
//
//   describe.skipIf(whyNoPlugins)(`…${whyNoPlugins}`, () => { … await startServerWith('ha_federatedx') … })

import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type MariadbServer, startMariadbServer } from './mariadb-server.ts';

const FOLDER = fileURLToPath(new URL('../../.runtime/mariadb-plugins', import.meta.url));

/** For the title of what is skipped without them; empty: they are there. */
export const whyNoPlugins = existsSync(FOLDER)
  ? ''
  : ' (not tried: there is no .runtime/mariadb-plugins; bin/setup --with-engines gets it)';

/** `plugins`: names of files without their ending. */
export async function startServerWith(...plugins: readonly string[]): Promise<MariadbServer> {
  const server = await startMariadbServer({
    args: [`--plugin-dir=${FOLDER}`, '--plugin-maturity=unknown'],
  });
  for (const plugin of plugins) await server.query(`INSTALL SONAME '${plugin}'`);
  return server;
}
