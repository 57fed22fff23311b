import { describe, expect, it } from 'vitest';
import type { Plan } from '../../../src/migration/plan.ts';
import type { ServerFacts } from '../../../src/mysql/read-server.ts';
import { buildPlan, type PlanRequest } from '../../../src/phases/build-plan.ts';
import { aDefinition, anEmptyTarget, anEnd, aRequest, aTable } from '../../support/facts.ts';

const versioned = (name: string) => aTable(name, { keepsHistory: true });
const hazards = (plan: Plan) => plan.hazards.filter(({ code }) => code.includes('history'));
const listCarried = ({ sites, network }: Plan): string[] =>
  [...sites, ...(network ? [network] : [])]
    .flatMap(({ tables }) => tables)
    .filter(({ history }) => history)
    .map(table => table.source)
    .toSorted();

const SOURCE = anEnd({ extra: [versioned('wp_2_prices'), versioned('wp_4_prices'), versioned('wp_4_a')] });
const LATE = '2106-02-07 06:28:15.999999';
const USUAL = '2038-01-19 03:14:07.999999';

it('F11 has a history travel, and knows when present rows end at either server', () => {
  const target = anEmptyTarget({ history: { endOfTime: LATE, writtenBy: 'us' } });
  const plan = buildPlan(aRequest(), SOURCE, target);
  expect(listCarried(plan)).toEqual(['wp_2_prices', 'wp_4_a', 'wp_4_prices']);
  expect(plan.sites.flatMap(site => site.tables).find(table => table.source === 'wp_2_prices')).toMatchObject(
    { history: { endsOfTime: { source: USUAL, target: LATE } } },
  );
  expect(hazards(plan)).toEqual([]);
});

it('F11 makes it part of what a plan would do', () => {
  const without = anEmptyTarget({ history: { endOfTime: USUAL, writtenBy: 'others' } });
  const late = anEmptyTarget({ history: { endOfTime: LATE, writtenBy: 'us' } });
  const digests = [anEmptyTarget(), late, without].map(end => buildPlan(aRequest(), SOURCE, end).digest);
  expect(digests[0]).toBe(digests[1]);
  expect(digests[0]).not.toBe(digests[2]);
});

describe('F11 names tables whose history stays at the source, their sites and the reason', () => {
  it.each<[why: string, server: Partial<ServerFacts>]>([
    ['takes no rows of the past', { history: { endOfTime: USUAL, writtenBy: 'nobody' } }],
    ['secure_timestamp', { history: { endOfTime: USUAL, writtenBy: 'others' } }],
  ])('%s', (why, server) => {
    const plan = buildPlan(aRequest(), SOURCE, anEmptyTarget(server));
    expect(listCarried(plan)).toEqual([]);
    expect(hazards(plan)).toEqual([
      {
        code: 'history_not_carried',
        blocking: false,
        message: expect.stringMatching(`: wp_2_prices, wp_4_prices, wp_4_a \\(.*${why}.*\\)\\.$`),
        hint: expect.stringContaining('--dump-history'),
        siteIds: [2, 4],
      },
    ]);
  });

  it('numbers of transactions, and only of the tables that have them', () => {
    const facts = aDefinition({ transactions: ['rs', 're'] });
    const source = {
      ...SOURCE,
      definitions: { facts: new Map([['wp_4_a', facts]]), damaged: new Map() },
    };
    const plan = buildPlan(aRequest(), source, anEmptyTarget());
    expect(listCarried(plan)).toEqual(['wp_2_prices', 'wp_4_prices']);
    expect(hazards(plan)).toMatchObject([
      { message: expect.stringMatching(/: wp_4_a \(.*transactions.*\)\.$/), siteIds: [4] },
    ]);
  });

  it('rows of the target that join them, among the network tables', () => {
    const names = ['blogs', 'blogmeta', 'site', 'sitemeta', 'users', 'usermeta'].map(name => `wp_${name}`);
    const source = anEnd({ without: names, extra: names.map(versioned) });
    const planFor = (users: PlanRequest['network']['users']): Plan =>
      buildPlan(aRequest({ network: { ...aRequest().network, users } }), source, anEmptyTarget());
    expect(listCarried(planFor('copy'))).toEqual(['wp_usermeta', 'wp_users']);
    expect(hazards(planFor('copy'))).toMatchObject([
      { code: 'history_not_carried', message: expect.stringContaining('wp_blogs, wp_blogmeta, wp_site') },
    ]);
  });
});

it('F11 names tables of the target whose history goes away', () => {
  const source = anEnd({ extra: [aTable('wp_2_prices')] });
  const target = anEnd({ ids: [1, 2], extra: [versioned('wp_2_prices'), versioned('wp_2_other')] });
  const found = hazards(buildPlan(aRequest(), source, target));
  expect(found.map(({ code, siteIds }) => [code, siteIds])).toEqual([['target_history_replaced', [2]]]);
});

it('F11 says nothing where there is none, or no row travels', () => {
  const source = anEnd({ extra: [versioned('wp_2_prices')] });
  const secured = anEmptyTarget({ history: { endOfTime: USUAL, writtenBy: 'others' } });
  const selection = { ...aRequest().selection, exclude: [2] };
  expect(hazards(buildPlan(aRequest({ selection }), source, secured))).toEqual([]);
  const treatment = { ...aRequest().treatment, skipData: ['prices'] };
  const emptied = buildPlan(aRequest({ treatment }), source, anEmptyTarget());
  expect(listCarried(emptied)).toEqual([]);
  expect(hazards(emptied)).toEqual([]);
  const refused = aDefinition({ refused: ['system versioning'] });
  const definitions = { facts: new Map([['wp_2_prices', refused]]), damaged: new Map() };
  expect(hazards(buildPlan(aRequest(), { ...source, definitions }, secured))).toEqual([]);
  expect(hazards(buildPlan(aRequest(), anEnd(), anEnd()))).toEqual([]);
});
