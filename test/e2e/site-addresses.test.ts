// What a network says of its sites may contradict itself: it arrives as it is, with the target's hosts in it.

import { expect, it } from 'vitest';
import type { Summary } from '../../src/migration/summary.ts';
import { createEnvironments, type Environments } from '../support/environments.ts';

const NETWORK = { sites: 5, scale: 0.02 };
const LIVE = { ...NETWORK, domain: 'stg.example.edu', seed: 2 };

const FLAGS = 'archived, spam, deleted, mature, public';

const readFlags = ({ server, database }: Environments['source']): Promise<Record<string, unknown>[]> =>
  server.query(`SELECT blog_id, ${FLAGS} FROM ${database}.wp_blogs ORDER BY blog_id`);

async function readAddresses(
  { server, database }: Environments['source'],
  siteId: number,
): Promise<string[]> {
  const rows = await server.query<{ v: string }>(
    `SELECT option_value AS v FROM ${database}.wp_${siteId}_options WHERE option_name IN ('home', 'siteurl') ORDER BY option_name`,
  );
  return rows.map(({ v }) => v);
}

it('H18 home and siteurl that contradict the blogs table, and schemes of each site, stay what they are', async () => {
  await using pair = await createEnvironments({ ...NETWORK, live: LIVE });
  const { source, target } = pair;
  const set = (siteId: number, home: string, siteurl: string): string =>
    `UPDATE wp_${siteId}_options SET option_value = IF(option_name = 'home', '${home}', '${siteurl}')
     WHERE option_name IN ('home', 'siteurl');`;
  await source.server.query(`USE ${source.database};
    ${set(2, 'http://prod.example.edu/elsewhere', 'https://prod.example.edu/elsewhere/wp')}
    ${set(3, 'http://art.prod.example.edu', 'http://art.prod.example.edu')}
    ${set(4, 'https://www.mapped.org', 'HTTPS://Prod.Example.edu:8443/site0003/')}`);
  const outcome = await pair.run('env-migrate', 'prod', 'stg', '--yes');
  expect(outcome.exitCode, outcome.stderr).toBe(0);
  expect(await readAddresses(target, 2)).toEqual([
    'http://stg.example.edu/elsewhere',
    'https://stg.example.edu/elsewhere/wp',
  ]);
  expect(await readAddresses(target, 3)).toEqual([
    'http://art.stg.example.edu',
    'http://art.stg.example.edu',
  ]);
  expect(await readAddresses(target, 4)).toEqual([
    'https://www.mapped.org',
    'HTTPS://stg.example.edu:8443/site0003/',
  ]);
});

it('H53 what a site is flagged as comes along, and --active-only leaves such sites as the target has them', async () => {
  await using pair = await createEnvironments({ ...NETWORK, live: LIVE });
  const { source, target } = pair;
  await source.server.query(`USE ${source.database};
    UPDATE wp_blogs SET archived = blog_id = 2, spam = blog_id = 3, deleted = blog_id = 4, mature = 1, public = blog_id <> 5`);
  const before = await readFlags(target);
  const active = await pair.run('env-migrate', 'prod', 'stg', '--yes', '--active-only', '--json');
  expect(active.exitCode, active.stderr).toBe(0);
  const { leftOut } = JSON.parse(active.stdout) as Summary;
  expect(leftOut.map(({ siteId, reason }) => [siteId, reason])).toEqual([
    [2, expect.stringContaining('archived')],
    [3, expect.stringContaining('spam')],
    [4, expect.stringContaining('deleted')],
  ]);
  const flags = await readFlags(source);
  const isLeft = (_: unknown, index: number): boolean => [1, 2, 3].includes(index);
  const between = await readFlags(target);
  expect(between.filter(isLeft)).toEqual(before.filter(isLeft));
  expect(between.filter((row, index) => !isLeft(row, index))).toEqual(
    flags.filter((row, index) => !isLeft(row, index)),
  );

  const all = await pair.run('env-migrate', 'prod', 'stg', '--yes');
  expect(all.exitCode, all.stderr).toBe(0);
  expect(await readFlags(target)).toEqual(flags);
});
