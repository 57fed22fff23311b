// The oracle: a network generated for prod.example.edu and migrated to stg.example.edu must equal the network that is
// generated for stg.example.edu in the first place, table by table under CHECKSUM TABLE. See the generator's header.

import { describe, expect, it } from 'vitest';
import { createEnvironments } from '../support/environments.ts';
import { checksumTables, loadNetwork } from '../support/generate-network.ts';
import { createDatabaseName } from '../support/servers.ts';

const NETWORK = { sites: 12, scale: 0.15 };
const USER_TABLES = ['wp_users', 'wp_usermeta'];

describe('env-migrate against the oracle', () => {
  it.each([1, 8])(
    'equals it table by table with --concurrency %i, and leaves the source as it was',
    async concurrency => {
      await using pair = await createEnvironments(NETWORK);
      const { source, target } = pair;
      const before = await checksumTables(source.server, source.database);

      const outcome = await pair.run(
        'env-migrate',
        'prod',
        'stg',
        '--yes',
        '--concurrency',
        String(concurrency),
      );
      expect(outcome.stderr + outcome.stdout).toContain('All 13 sites are migrated');
      expect(outcome.exitCode).toBe(0);

      const oracle = createDatabaseName('oracle');
      await loadNetwork(target.server, oracle, {
        ...NETWORK,
        domain: 'stg.example.edu',
        emailDomain: 'prod.example.edu',
      });
      const expected = await checksumTables(target.server, oracle);
      for (const table of USER_TABLES) expected.delete(table);
      const migrated = await checksumTables(target.server, target.database);
      await target.server.query(`DROP DATABASE ${oracle}`);

      expect(Object.fromEntries(migrated)).toEqual(Object.fromEntries(expected));
      expect(await checksumTables(source.server, source.database)).toEqual(before);
      expect((await checksumTables(target.server, target.staging)).size).toBe(0);
    },
  );
});
