// F11 System-versioned tables of MariaDB: what they hold now is carried, and that the rest isn't is told.

import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { createEnvironments } from '../support/environments.ts';
import { onlyRunId } from '../support/runs.ts';

it('F11 present rows come, and the history that stays is in the plan and in the summary', async () => {
  await using pair = await createEnvironments({ sites: 2, scale: 0.02 });
  const { source, target } = pair;
  await source.server.query(
    `USE ${source.database};
     CREATE TABLE wp_2_prices (id INT PRIMARY KEY, p INT) WITH SYSTEM VERSIONING;
     CREATE TABLE wp_3_prices (id INT PRIMARY KEY, p INT, rs TIMESTAMP(6) GENERATED ALWAYS AS ROW START,
       re TIMESTAMP(6) GENERATED ALWAYS AS ROW END, PERIOD FOR SYSTEM_TIME (rs, re)) WITH SYSTEM VERSIONING;
     CREATE TABLE wp_3_partly (id INT PRIMARY KEY, p INT, q INT WITHOUT SYSTEM VERSIONING) WITH SYSTEM VERSIONING
       PARTITION BY SYSTEM_TIME (PARTITION past HISTORY, PARTITION now CURRENT)`,
  );
  const tables = ['wp_2_prices', 'wp_3_prices', 'wp_3_partly'];
  for (const table of tables)
    await source.server.query(
      `USE ${source.database}; INSERT INTO ${table} (id, p) VALUES (1, 10), (2, 20);
       UPDATE ${table} SET p = 11 WHERE id = 1; DELETE FROM ${table} WHERE id = 2`,
    );
  const plan = await pair.run('env-migrate', 'prod', 'stg', '--dry-run');
  expect(plan.stdout.replaceAll(/\s+/g, ' ')).toContain('their history stays at the source: wp_');

  const outcome = await pair.run('env-migrate', 'prod', 'stg', '--yes');
  expect(outcome.exitCode, outcome.stderr).toBe(0);
  expect(outcome.stdout.replaceAll(/\s+/g, ' ')).toContain('their history stays at the source: wp_');
  const file = `${pair.cwd}/logs/${await onlyRunId(pair)}/migration-summary.json`;
  const { warnings } = JSON.parse(await readFile(file, 'utf8')) as {
    warnings: { code: string; message: string }[];
  };
  const told = warnings.find(({ code }) => code === 'history_not_carried')?.message;
  for (const table of tables) {
    expect(told).toContain(table);
    const at = `${target.database}.${table}`;
    expect(await target.server.query(`SELECT id, p FROM ${at}`)).toEqual([{ id: 1, p: 11 }]);
    // It is versioned there as well, from now on.
    await target.server.query(`UPDATE ${at} SET p = 12`);
    expect(await target.server.query(`SELECT COUNT(*) AS n FROM ${at} FOR SYSTEM_TIME ALL`)).toEqual([
      { n: 2 },
    ]);
  }
  const again = await pair.run('env-migrate', 'prod', 'stg', '--dry-run');
  expect(again.stdout.replaceAll(/\s+/g, ' ')).toContain('their history goes away with them: wp_');
});
