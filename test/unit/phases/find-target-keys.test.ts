import { describe, expect, it } from 'vitest';
import type { Hazard } from '../../../src/migration/plan.ts';
import { parseGrant } from '../../../src/mysql/grants.ts';
import { buildPlan, type PlanRequest } from '../../../src/phases/build-plan.ts';
import type { EndFacts } from '../../../src/phases/read-ends.ts';
import { anEnd, aRequest, aTable } from '../../support/facts.ts';

const CODES = ['target_foreign_key', 'target_foreign_keys_unseen'];

interface Circumstances extends Partial<PlanRequest> {
  /** `child → parent`, the parent with its database where that is another one. */
  readonly keys?: readonly string[];
  readonly around?: EndFacts['keysAround'];
  readonly tables?: readonly string[];
  readonly grants?: readonly string[];
}

function find({ keys = [], around, tables = [], grants, ...request }: Circumstances): Hazard[] {
  const foreignKeys = keys.map(key => {
    const [table = '', referencedTable = ''] = key.split(' → ');
    const [database, name] = referencedTable.split('.');
    return { name: 'fk', table, referencedTable, ...(name ? { referencedDatabase: database! } : {}) };
  });
  const target: EndFacts = {
    ...anEnd({
      catalog: { foreignKeys },
      extra: tables.map(name => aTable(name)),
      ...(grants ? { server: { grants: grants.map(parseGrant) } } : {}),
    }),
    ...(around ? { keysAround: around } : {}),
  };
  return buildPlan(aRequest(request), anEnd(), target).hazards.filter(({ code }) => CODES.includes(code));
}

const only = (siteId: number): Partial<PlanRequest> => ({
  selection: { ...aRequest().selection, include: [siteId] },
});

describe('foreign keys at the target', () => {
  it.each([
    ['within a site', ['wp_2_options → wp_2_posts']],
    ['to itself', ['wp_2_posts → wp_2_posts', 'crm → crm']],
    [
      'among tables of a site that the plan does not know',
      ['wp_2_old → wp_2_elder', 'wp_2_old → wp_2_posts'],
    ],
    ['among tables that stay', ['crm → wp_users', 'wp_users → crm', 'crm → other.table']],
    ['within the network tables', ['wp_blogmeta → wp_blogs']],
  ])('F04 bear a swap %s', (_what, keys) => {
    expect(find({ keys })).toEqual([]);
  });

  it.each<[string, string, number[], Circumstances?]>([
    ['another application to a site', 'crm → wp_2_posts', [2]],
    ['a site to another application', 'wp_2_posts → crm', [2]],
    ['a site to another one', 'wp_2_posts → wp_43_posts', [2, 43]],
    ['a site to another one that stays', 'wp_2_posts → wp_43_posts', [43], only(43)],
    ['a site to one whose number begins alike', 'wp_4_posts → wp_43_posts', [4, 43]],
    ['a table that only the target has of a site', 'wp_2_old → wp_4_posts', [2, 4]],
    ['a table by the bare prefix, which stays, to site 1', 'wp_acme → wp_posts', [1]],
    ['a site to users that stay', 'wp_2_posts → wp_users', [2]],
    ['a table that stays to a kept one, which the next swap drops', 'crm → wp_stg_previous.wp_2_posts', [2]],
    ['a site to a table of another database', 'wp_2_posts → wp_other.wp_2_posts', [2]],
  ])('F04 from %s: its site is named, and left out with --accept', (_what, key, siteIds, request = {}) => {
    const found = find({ keys: [key], ...request });
    expect(found).toMatchObject([{ code: 'target_foreign_key', blocking: true, siteIds }]);
    const [child, parent] = key.split(' → ');
    expect(found[0]?.message).toContain(`${child}.fk → ${parent}`);
    expect(found[0]?.hint).toContain('--accept target_foreign_key');
  });

  it('F04 to the network tables say what to do of these', () => {
    const found = find({ keys: ['crm → wp_blogs', 'wp_4_posts → wp_site', 'wp_2_posts → crm'] });
    expect(found).toMatchObject([
      { siteIds: [2], hint: expect.stringContaining('--accept') },
      { siteIds: [0, 4], hint: expect.stringContaining('--sites-only') },
    ]);
    expect(find({ keys: ['crm → wp_blogs'], sitesOnly: true })).toEqual([]);
    expect(find({ keys: ['wp_4_posts → wp_site'], sitesOnly: true })).toMatchObject([{ siteIds: [4] }]);
    const network = { ...aRequest().network, users: 'copy' as const };
    expect(find({ keys: ['crm → wp_users'], network })).toMatchObject([{ siteIds: [0] }]);
  });

  it('F04 of other databases, and that there may be more of them', () => {
    const key = {
      ...{ name: 'fk', database: 'crm', table: 'notes' },
      ...{ referencedDatabase: 'wp_stg', referencedTable: 'wp_2_posts' },
    };
    const [bound, unseen] = find({ around: { keys: [key], mayLack: true } });
    expect(bound).toMatchObject({
      siteIds: [2],
      message: expect.stringContaining('crm.notes.fk → wp_2_posts'),
    });
    expect(unseen).toMatchObject({
      code: 'target_foreign_keys_unseen',
      blocking: false,
      message: expect.stringContaining('of other databases of its server'),
    });
    expect(find({ around: { keys: [], mayLack: false } })).toEqual([]);
    const [own] = find({
      around: { keys: [], mayLack: true },
      grants: ['GRANT SELECT ON `wp_stg`.* TO `u`@`%`', 'GRANT `r` TO `u`@`%`'],
    });
    expect(own?.message).not.toContain('of other databases');
  });

  it('F04 of what a resume has left to do', () => {
    const plan = buildPlan(aRequest(), anEnd(), anEnd());
    const keys = ['crm → wp_2_posts', 'crm → wp_4_posts'];
    expect(find({ keys, resumes: { plan, siteIds: [4, 43] } })).toMatchObject([{ siteIds: [4] }]);
    expect(find({ keys: ['wp_4_posts → wp_2_posts'], resumes: { plan, siteIds: [2] } })).toMatchObject([
      { siteIds: [2] },
    ]);
  });
});
