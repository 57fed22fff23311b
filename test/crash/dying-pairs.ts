// Two runs from different sources die on one target, one after the other, and are resumed in any order: every site is
// wholly what it was before, the first one's or the second one's, and a command that ends well has done what it says.

import { join } from 'node:path';
import { KILL_POINTS } from '../../src/lib/kill-points.ts';
import { createEnvironments, type Environments } from '../support/environments.ts';
import { checksumTables } from '../support/generate-network.ts';
import { addOtherSource } from '../support/other-source.ts';
import { listRunIds, loadOracle, ofType, readLines, stagedTables, waitForQuiet } from '../support/runs.ts';
import { nameUnit, unitOf } from '../support/units.ts';
import type { Tries } from './damaged-runs.ts';
import { LIVE, NETWORK, type Servers } from './run-bed.ts';

const OTHER = { ...NETWORK, seed: 3 };
/** How often at most the runs are resumed, before both are taken to their ends. */
const RESUMES = 3;

type Tables = ReadonlyMap<string, string>;

interface Run {
  readonly id: string;
  readonly content: Tables;
}

export async function tryDyingPairs(servers: Servers, { count, random, say }: Tries): Promise<number> {
  let bad = 0;
  const first = await loadOracle(servers.target, NETWORK);
  const second = await loadOracle(servers.target, OTHER);
  for (let done = 1; done <= count; done += 1) {
    const { story, problems } = await dieInTurn(servers, { first, second, random });
    if (problems.length > 0) bad += 1;
    say(`${String(done).padStart(4)}  ${problems.length === 0 ? 'passed' : 'FAILED'}  ${story.join(' | ')}`);
    for (const problem of problems) say(`      ${problem}`);
  }
  say(`${count} pairs of dying runs: ${bad} failed`);
  return bad;
}

interface Contents {
  readonly first: Tables;
  readonly second: Tables;
  readonly random: () => number;
}

async function dieInTurn(
  servers: Servers,
  { first, second, random }: Contents,
): Promise<{ story: string[]; problems: string[] }> {
  await using pair = await createEnvironments({ ...NETWORK, live: LIVE, servers });
  await using _other = await addOtherSource(pair, OTHER);
  const old = await checksumTables(pair.target.server, pair.target.database);
  const story: string[] = [];
  const problems: string[] = [];
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const pickPoint = (): string => `${pick(KILL_POINTS.migrate)}#${1 + Math.floor(random() * 5)}`;

  async function run(name: string, args: readonly string[], killAt?: string): Promise<number | undefined> {
    if (killAt) pair.env.WFUWP_KILL_AT = killAt;
    const { exitCode, stdout, stderr } = await pair.run(
      'env-migrate',
      ...args,
      '--yes',
      '--concurrency',
      '2',
    );
    delete pair.env.WFUWP_KILL_AT;
    await waitForQuiet(pair.target.server, pair.target.database);
    story.push(`${name}${killAt ? ` until ${killAt}` : ''}: ${exitCode ?? 'killed'}`);
    if (exitCode === 1 || /This is a bug/.test(stderr + stdout))
      problems.push(`${name} ended as a bug: ${stderr}`);
    problems.push(...(await findMixed(pair, [old, first, second])).map(text => `after ${name}: ${text}`));
    return exitCode;
  }

  async function begin(name: string, source: string, content: Tables): Promise<Run | null> {
    const before: string[] = await listRunIds(join(pair.cwd, 'logs')).catch(() => []);
    await run(name, [source, 'stg'], pickPoint());
    const id = (await listRunIds(join(pair.cwd, 'logs')).catch(() => [])).find(one => !before.includes(one));
    return id === undefined ? null : { id, content };
  }

  async function resume(name: string, { id, content }: Run, accept: boolean, killAt?: string): Promise<void> {
    const folder = join(pair.cwd, 'logs', id);
    const before = await readLines(folder);
    const exitCode = await run(
      `resume ${name}`,
      ['--resume', id, ...(accept ? ['--accept', 'later_run'] : [])],
      killAt,
    );
    if (exitCode !== 0) return;
    // Without `later_run` nobody has been at the sites since it began, so all of them are its own; with it those are
    // that it has swapped in now. Of a run that had ended nothing but the summary was written.
    const swapped = ofType((await readLines(folder)).slice(before.length), 'step.completed').filter(
      ({ step }) => step === 'cut_over',
    );
    const done = new Set(swapped.map(({ siteId }) => nameUnit(siteId)));
    const isWhole = !accept && ofType(before, 'migration.ended').length === 0;
    const live = await checksumTables(pair.target.server, pair.target.database);
    const wrong = [...content].filter(
      ([table, sum]) => (isWhole || done.has(unitOf(table))) && live.get(table) !== sum,
    );
    if (wrong.length > 0)
      problems.push(`resume ${name} ended well, and isn't live: ${wrong.map(([table]) => table).join(', ')}`);
  }

  const runs = [await begin('A', 'prod', first), await begin('B', 'prod2', second)];
  const known = runs.flatMap((one, i) => (one ? [['AB'[i]!, one] as const] : []));
  if (known.length === 0) return { story, problems };
  for (let turn = Math.floor(random() * (RESUMES + 1)); turn > 0; turn -= 1) {
    const [name, one] = pick(known);
    await resume(name, one, random() < 0.3, random() < 0.5 ? pickPoint() : undefined);
  }
  for (const [name, one] of known) await resume(name, one, false);
  for (const [name, one] of known) await resume(name, one, true);
  const staged = await stagedTables(pair);
  if (staged.length > 0) problems.push(`left in staging: ${staged.join(', ')}`);
  return { story, problems };
}

/** Units of which the target holds neither the one nor the other wholly. */
async function findMixed({ target }: Environments, contents: readonly Tables[]): Promise<string[]> {
  const live = await checksumTables(target.server, target.database);
  const units = Map.groupBy(contents[1]!.keys(), unitOf);
  return [...units].flatMap(([unit, tables]) =>
    contents.some(content => tables.every(table => live.get(table) === content.get(table)))
      ? []
      : [`${unit} is a mixture`],
  );
}
