// Random definitions, migrated by the real program: each arrives as the source has it, or the plan has said that it
// doesn't. A sample; the long form is `npm run test:definitions`.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tryDefinitions } from '../definitions/trial.ts';
import { startMysqlServer, whyNoMysql } from '../support/mysql-server.ts';
import type { PrivateServer } from '../support/private-server.ts';
import { useServers } from '../support/servers.ts';

const TABLES = 30;

it('C04 MariaDB to MariaDB: nothing is lost', async () => {
  const outcome = await tryDefinitions({
    ...useServers(),
    from: 'mariadb',
    to: 'mariadb',
    tables: TABLES,
    seed: 11,
  });
  expect(outcome).toEqual({ taken: TABLES, refused: 0, lossy: 0, problems: [] });
});

describe.skipIf(whyNoMysql)(`and MySQL${whyNoMysql}`, () => {
  let mysql: PrivateServer;
  beforeAll(async () => {
    mysql = await startMysqlServer();
  });
  afterAll(() => mysql.stop());

  it.each([
    ['mysql', 'mariadb'],
    ['mariadb', 'mysql'],
  ] as const)('C04 %s to %s: what is lost the plan has named', async (from, to) => {
    const { source, target } = useServers();
    const servers = { source: from === 'mysql' ? mysql : source, target: to === 'mysql' ? mysql : target };
    const { taken, problems } = await tryDefinitions({ ...servers, from, to, tables: TABLES, seed: 12 });
    expect(problems).toEqual([]);
    expect(taken).toBe(TABLES);
  });
});
