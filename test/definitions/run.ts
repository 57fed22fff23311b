// The trial of definitions in its long form: thousands of random tables, MariaDB to MariaDB, and to and from MySQL where
// `bin/setup --with-mysql` has one. Ends with 1 when a table arrived otherwise than the source has it and the plan had not
// said so.
//
//   npm run test:definitions -- [--count 1000] [--seed 1] [--way mariadb-mysql]

import { parseArgs } from 'node:util';
import { startMariadbServer } from '../support/mariadb-server.ts';
import { startMysqlServer, whyNoMysql } from '../support/mysql-server.ts';
import type { PrivateServer } from '../support/private-server.ts';
import type { Flavour } from './generate-definitions.ts';
import { tryDefinitions } from './trial.ts';

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    way: { type: 'string' },
  },
});
const [count, seed] = [Number(values.count), Number(values.seed)];

const WAYS: readonly (readonly [Flavour, Flavour])[] = [
  ['mariadb', 'mariadb'],
  ['mysql', 'mysql'],
  ['mysql', 'mariadb'],
  ['mariadb', 'mysql'],
];

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const start = (flavour: Flavour): Promise<PrivateServer> =>
  flavour === 'mysql' ? startMysqlServer() : startMariadbServer();

let failed = 0;
for (const [from, to] of WAYS) {
  const way = `${from}-${to}`;
  if (values.way !== undefined && values.way !== way) continue;
  if (way.includes('mysql') && whyNoMysql) {
    say(`${way}: not tried${whyNoMysql}`);
    continue;
  }
  await using source = await start(from);
  await using target = await start(to);
  const { taken, refused, lossy, problems } = await tryDefinitions({
    source,
    target,
    from,
    to,
    tables: count,
    seed,
  });
  failed += problems.length;
  for (const problem of problems) say(`  WRONG ${problem}`);
  say(
    `${way}: ${taken} tables, ${refused} refused by the plan, ${lossy} with a loss that it named, ${problems.length} wrong`,
  );
}
process.exitCode = failed > 0 ? 1 : 0;
