// The product against what people do today, side by side: same machine, same servers, same tables, in turn.
//
//   npm run bench -- [options]           what each contender does, and results: docs/BENCHMARKS.md
//
//   --sites N, --scale X   size of the network, as the generator takes them; default 100 and 1 (220 MB)
//   --rounds N             default 3; a figure is the median of its rounds
//   --only NAME,…          only these contenders
//   --many                 instead: ten times as many sites against --sites, by the product alone; --scale 0.1
//   --markdown             the tables as Markdown
//   --profile FOLDER       then one run more of each verify mode, with a CPU profile of it in FOLDER
//   --wfuwp-arg=ARG        a further argument of every run of the product; may be repeated
//   --server-arg=ARG       a further argument of both servers; may be repeated
//
// Needs, beside what bin/setup --with-mariadb installs, mariadb-dump and mydumper (Debian: mariadb-client, mydumper); a contender whose
// program is missing is left out and named.

import { loadavg } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { checksumTables, loadNetwork } from '../support/generate-network.ts';
import { Bed } from './compare/bed.ts';
import { type Contents, checkContent } from './compare/check-content.ts';
import { type Absent, type Contender, listContenders, SOURCE, wfuwp } from './compare/contenders.ts';
import { describeMachine } from './compare/describe-machine.ts';
import { compareManySites, planManySites } from './compare/many-sites.ts';
import { measure } from './compare/measure.ts';
import { renderComparisons, renderMeasurements, renderTable } from './compare/report.ts';
import { runRounds } from './compare/run-rounds.ts';

const { values } = parseArgs({
  options: {
    sites: { type: 'string', default: '100' },
    scale: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    only: { type: 'string' },
    many: { type: 'boolean', default: false },
    markdown: { type: 'boolean', default: false },
    profile: { type: 'string' },
    'wfuwp-arg': { type: 'string', multiple: true, default: [] },
    'server-arg': { type: 'string', multiple: true, default: [] },
  },
});
const sites = Number(values.sites);
const scale = Number(values.scale ?? (values.many ? 0.1 : 1));
const rounds = Number(values.rounds);
const style = values.markdown ? 'markdown' : 'text';
const wfuwpArgs = values['wfuwp-arg'];
const serverArgs = values['server-arg'];

// What is torn down when the process exits (servers, folders) would stay when a signal ended it.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

const load = loadavg()[0]!;
console.error('Two servers are made and filled, with every commit on the disk: some minutes.');
const networks = values.many
  ? planManySites({ sites, scale })
  : [{ environment: 'prod', database: SOURCE, options: { sites, scale } }];
await using bed = await Bed.create({ networks, serverArgs });
const facts: [string, string][] = [
  ...(await describeMachine(bed)),
  ['load before', load.toFixed(1)],
  ['network', `--sites ${sites} --scale ${scale}, ${rounds} rounds`],
];
const tables = values.many
  ? await compareManySites(bed, { rounds, wfuwpArgs, style })
  : await compareContenders(bed);
console.log([renderTable(['machine', ''], facts, style), ...tables].join('\n\n'));

async function compareContenders(bed: Bed): Promise<string[]> {
  const chosen = choose(await listContenders(bed, wfuwpArgs));
  const contents = await readContents(bed);
  const contenders = chosen.filter(contender => 'command' in contender);
  const absent = chosen.filter(contender => 'reason' in contender);
  const measurements = await runRounds({
    bed,
    contenders,
    rounds,
    check: ({ server, expected }) => checkContent(contents, server, expected),
  });
  if (values.profile !== undefined) await profile(bed, resolve(values.profile));
  const tables = [renderMeasurements(measurements, style), renderComparisons(measurements, style)];
  if (absent.length > 0) {
    const rows = absent.map(({ name, reason }) => [name, reason]);
    tables.push(renderTable(['did not run', 'because'], rows, style));
  }
  return tables;
}

/** What the target must hold in the end; reading it also warms the source for everybody alike. */
async function readContents(bed: Bed): Promise<Contents> {
  const { source } = bed;
  const oracle = 'wp_oracle';
  const domains = { domain: 'stg.example.edu', emailDomain: 'prod.example.edu' };
  await loadNetwork(source, oracle, { sites, scale, ...domains });
  const rewritten = await checksumTables(source, oracle);
  await source.query(`DROP DATABASE ${oracle}`);
  return {
    source: { server: source, database: SOURCE },
    tables: (await bed.listSites(SOURCE)).flat(),
    copied: await checksumTables(source, SOURCE),
    rewritten,
  };
}

/** One that builds on another's result brings that one along. */
function choose(all: readonly (Contender | Absent)[]): (Contender | Absent)[] {
  if (values.only === undefined) return [...all];
  const names = new Set(values.only.split(','));
  const unknown = [...names].filter(name => !all.some(contender => contender.name === name));
  if (unknown.length > 0)
    throw new Error(
      `No contender ${unknown.join(', ')}; there are ${all.map(({ name }) => name).join(', ')}.`,
    );
  for (const contender of all)
    if ('after' in contender && contender.after !== undefined && names.has(contender.name))
      names.add(contender.after);
  return all.filter(({ name }) => names.has(name));
}

async function profile(bed: Bed, folder: string): Promise<void> {
  for (const verify of ['counts', 'checksum']) {
    const { name, command } = wfuwp(bed, {
      name: `profile-${verify}`,
      to: 'stg',
      args: ['--verify', verify, ...wfuwpArgs],
      nodeArgs: ['--cpu-prof', `--cpu-prof-dir=${folder}`, `--cpu-prof-name=${verify}.cpuprofile`],
    });
    await bed.makeReady({ empty: true });
    await measure(command, bed.serverPids);
    console.error(`${name}: ${folder}/${verify}.cpuprofile`);
  }
}
