// A network of which nine sites of ten fail: --retry-failed touches exactly those, --skip-failed none of them.

import { truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { createEnvironments } from '../support/environments.ts';
import type { MariadbEndpoint } from '../support/mariadb-server.ts';
import { onlyRunId, readLines, sinceResume, startedSites } from '../support/runs.ts';

/** Of `count` sites all but the main one and every tenth. True: it went as it should. */
export async function failManySites(
  servers: { source: MariadbEndpoint; target: MariadbEndpoint },
  count: number,
  say: (text: string) => void,
): Promise<boolean> {
  await using pair = await createEnvironments({ sites: count - 1, scale: 0.002, servers });
  const { server, database } = pair.source;
  const broken = Array.from({ length: count }, (_, index) => index + 1).filter(id => id % 10 !== 1);
  const [row] = await server.query<{ dir: string }>('SELECT @@datadir AS dir');
  for (const id of broken) {
    const table = `wp_${id}_plugin`;
    await server.query(
      `USE ${database}; CREATE TABLE ${table} (id INT PRIMARY KEY, t CHAR(200)) ENGINE = MyISAM
       AS SELECT seq AS id, 'x' AS t FROM seq_1_to_20; FLUSH TABLES ${table}`,
    );
    await truncate(join(row!.dir, database, `${table}.MYD`), 50);
  }

  const limits = ['--max-failures', '100%', '--concurrency', '8'];
  const seconds = async (
    args: string[],
  ): Promise<{ touched: number[]; took: string; exitCode: number | undefined }> => {
    const startedAt = performance.now();
    const { exitCode } = await pair.run(...args);
    const lines = await readLines(join(pair.cwd, 'logs', await onlyRunId(pair)));
    const touched = startedSites(sinceResume(lines)).filter(siteId => siteId !== 0);
    return { touched, took: `${((performance.now() - startedAt) / 1000).toFixed(1)} s`, exitCode };
  };
  const start = await seconds(['env-migrate', 'prod', 'stg', '--yes', ...limits]);
  const id = await onlyRunId(pair);
  const skip = await seconds(['env-migrate', '--resume', id, '--skip-failed', '--yes']);
  // Nothing was left, so nothing was written: the last lines are still those of the start.
  const skipped = skip.exitCode === 2;
  const retry = await seconds(['env-migrate', '--resume', id, '--retry-failed', '--yes', ...limits]);
  const isExact = retry.touched.join() === broken.join();
  say(
    `${count} sites, ${broken.length} fail (${start.took}): --skip-failed touches ${skipped ? 0 : 'some'} (${skip.took}), ` +
      `--retry-failed touches ${retry.touched.length} (${retry.took})${isExact ? '' : ', and not the right ones'}`,
  );
  return start.touched.length === count && skipped && isExact && retry.exitCode === 3;
}
