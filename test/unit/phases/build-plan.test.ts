import { describe, expect, it } from 'vitest';
import { digestPlan, type Plan } from '../../../src/migration/plan.ts';
import { parseGrant } from '../../../src/mysql/grants.ts';
import { buildPlan, type NetworkRequest, type PlanRequest } from '../../../src/phases/build-plan.ts';
import type { PlannedSafety } from '../../../src/policy/planned-treatment.ts';
import { aBlog, aColumn, aNetwork, anEmptyTarget, anEnd, aRequest, aTable } from '../../support/facts.ts';

const tablesOf = (plan: Plan, siteId: number): string[] =>
  plan.sites
    .find(site => site.siteId === siteId)
    ?.tables.map(table => table.source)
    .sort() ?? [];
const hazard = (plan: Plan, code: string) => plan.hazards.find(found => found.code === code);

describe('buildPlan', () => {
  it('H21 H22 gives each site its own tables, and site 1 those without a number', () => {
    const source = anEnd({
      extra: [aTable('wp_404_to_301'), aTable('wp_redirects'), aTable('wp_43_redirects')],
    });
    const network = { ...aRequest().network, mainSiteTables: ['404_to_301'] };
    const plan = buildPlan(aRequest({ network }), source, anEmptyTarget());
    expect(tablesOf(plan, 4)).toEqual(['wp_4_options', 'wp_4_posts']);
    expect(tablesOf(plan, 43)).toEqual(['wp_43_options', 'wp_43_posts', 'wp_43_redirects']);
    expect(tablesOf(plan, 1)).toEqual(['wp_404_to_301', 'wp_options', 'wp_posts', 'wp_redirects']);
    expect(plan.totals).toMatchObject({ sites: 4, tables: 11 + 4 });
  });

  it('H25 shows tables without a site and sites without tables', () => {
    const source = anEnd({ ids: [1, 2, 7], blogs: [aBlog(1), aBlog(2), aBlog(9)] });
    const plan = buildPlan(aRequest(), source, anEmptyTarget());
    expect(plan.tablesNotCarried).toContainEqual({
      table: 'wp_7_posts',
      reason: 'blog 7 is not in the blogs table',
    });
    expect(plan.leftOut).toEqual([{ siteId: 9, reason: 'it has no tables' }]);
    expect(hazard(plan, 'site_without_tables')?.siteIds).toEqual([9]);
  });

  it.each([
    ['one server', true, 'GRANT SELECT ON *.* TO `u`@`%`', true],
    ['one server, whose roles it cannot look into', true, 'GRANT `reader` TO `u`@`%`', true],
    ['one server, but no right to read the source', true, 'GRANT SELECT ON `wp_stg`.* TO `u`@`%`', false],
    ['two servers', false, 'GRANT SELECT ON *.* TO `u`@`%`', false],
  ])('decides whether rows are copied inside the server: %s', (_what, sameServer, grant, expected) => {
    const target = anEmptyTarget({ grants: [parseGrant(grant)] });
    expect(buildPlan(aRequest(), anEnd(), target, sameServer).target.copiesInside).toBe(expected);
  });

  it('puts the biggest site first', () => {
    const source = anEnd({ extra: [aTable('wp_4_logs', { sizeBytes: 9_000_000 })] });
    expect(buildPlan(aRequest(), source, anEmptyTarget()).sites[0]?.siteId).toBe(4);
  });

  it('H23 gives tables the prefix of the target', () => {
    const request = aRequest({ target: { ...aRequest().target, tablePrefix: 'stg2_' } });
    const plan = buildPlan(request, anEnd(), anEmptyTarget());
    expect(
      plan.sites
        .find(site => site.siteId === 43)
        ?.tables.map(table => table.target)
        .sort(),
    ).toEqual(['stg2_43_options', 'stg2_43_posts']);
    expect(
      plan.sites
        .find(site => site.siteId === 1)
        ?.tables.map(table => table.target)
        .sort(),
    ).toEqual(['stg2_options', 'stg2_posts']);
  });

  it('H17 derives the host map from wp_blogs and names hosts that no rule covers', () => {
    const blogs = [
      aBlog(1),
      aBlog(2, { domain: 'art.prod.example.edu' }),
      aBlog(4, { domain: 'www.mapped.org' }),
      aBlog(43),
    ];
    const plan = buildPlan(aRequest(), anEnd({ blogs }), anEmptyTarget());
    expect(plan.hosts).toEqual([
      { source: 'prod.example.edu', target: 'stg.example.edu', siteIds: [1, 43] },
      { source: 'art.prod.example.edu', target: 'art.stg.example.edu', siteIds: [2] },
      { source: 'www.mapped.org', target: null, siteIds: [4] },
    ]);
    expect(hazard(plan, 'unmapped_host')).toMatchObject({ blocking: false, siteIds: [4] });
    expect(plan.sites.find(site => site.siteId === 2)?.targetDomain).toBe('art.stg.example.edu');
  });

  describe('network tables', () => {
    it('travel whole when every site does', () => {
      const { network } = buildPlan(aRequest(), anEnd(), anEnd());
      expect(network).toMatchObject({ mode: 'replace', everySite: true });
      expect(network?.tables.map(table => table.source)).toEqual([
        'wp_blogs',
        'wp_blogmeta',
        'wp_site',
        'wp_sitemeta',
      ]);
    });

    it('are merged, without site and sitemeta, when some sites are chosen', () => {
      const request = aRequest({ selection: { ...aRequest().selection, include: [4] } });
      const { network } = buildPlan(request, anEnd(), anEnd());
      expect(network).toMatchObject({ mode: 'merge', siteIds: [4], everySite: false });
      expect(network?.tables.map(table => table.source)).toEqual(['wp_blogs', 'wp_blogmeta']);
    });

    it('are left out by --sites-only, and are all there is with --network-only', () => {
      expect(buildPlan(aRequest({ sitesOnly: true }), anEnd(), anEnd()).network).toBeNull();
      const plan = buildPlan(aRequest({ networkOnly: true }), anEnd(), anEnd());
      expect(plan.sites).toEqual([]);
      expect(plan.network?.siteIds).toEqual([1, 2, 4, 43]);
    });

    it('keep settings that name users, unless the users are copied', () => {
      const protectedMeta = ['site_admins', 'admin_user_id', 'admin_email'];
      const protect = (users: NetworkRequest['users']) =>
        buildPlan(aRequest({ network: { ...aRequest().network, users, protectedMeta } }), anEnd(), anEnd())
          .network?.protectedMeta;
      expect(protect('keep')).toEqual(protectedMeta);
      expect(protect('copy')).toEqual(['admin_email']);
    });

    it('leave users alone', () => {
      const plan = buildPlan(aRequest(), anEnd(), anEnd());
      expect(plan.tablesNotCarried).toContainEqual({
        table: 'wp_users',
        reason: 'users stay as they are on the target',
      });
    });
  });

  describe("H22 plugins' tables by the bare prefix", () => {
    const SHOP = ['wp_shop_orders', 'wp_shop_items', 'wp_redirects'];
    const source = anEnd({ extra: [...SHOP, 'wp_43_redirects'].map(name => aTable(name)) });
    const planWith = (
      network: Partial<NetworkRequest>,
      over: Partial<PlanRequest> = {},
      end = source,
    ): Plan =>
      buildPlan(aRequest({ network: { ...aRequest().network, ...network }, ...over }), end, anEmptyTarget());
    const networkOf = (plan: Plan) => plan.network?.tables.map(table => table.source) ?? [];
    const leftOf = (plan: Plan) =>
      plan.tablesNotCarried
        .filter(({ reason }) => reason.includes('no other site'))
        .map(({ table }) => table);

    it("are site 1's where another site has its own, and else left and listed", () => {
      const plan = planWith({});
      expect(tablesOf(plan, 1)).toEqual(['wp_options', 'wp_posts', 'wp_redirects']);
      expect(leftOf(plan)).toEqual(['wp_shop_orders', 'wp_shop_items']);
      expect(plan.tablesNotCarried.find(({ table }) => table === 'wp_shop_items')?.reason).toMatch(
        /network\.mainSiteTables .* network\.tables/,
      );
      expect(hazard(plan, 'shared_table')).toMatchObject({ blocking: false, siteIds: [1] });
      expect(hazard(plan, 'shared_table')?.message).toContain('left at the source: wp_shop_orders');
    });

    it('travel with site 1, or with the network, when they are named', () => {
      const ofSite = planWith({ mainSiteTables: ['shop_*'] });
      expect(tablesOf(ofSite, 1)).toEqual(['wp_options', 'wp_posts', ...SHOP.toSorted()]);
      const ofNetwork = planWith({ tables: ['SHOP_*'] });
      expect(networkOf(ofNetwork)).toEqual(expect.arrayContaining(['wp_shop_items', 'wp_shop_orders']));
      const both = planWith({ tables: ['shop_items'], mainSiteTables: ['shop_*'] });
      expect(tablesOf(both, 1)).toEqual(['wp_options', 'wp_posts', 'wp_redirects', 'wp_shop_orders']);
      expect(networkOf(both)).toContain('wp_shop_items');
      for (const plan of [ofSite, ofNetwork, both]) {
        expect(leftOf(plan)).toEqual([]);
        expect(plan.hazards.map(({ code }) => code)).not.toContain('shared_table');
        expect(plan.hazards.map(({ code }) => code)).not.toContain('unknown_network_table');
      }
    });

    it('are told as unknown when a name matches none', () => {
      const plan = planWith({ mainSiteTables: ['shop', 'posts', 'users', 'shop_items'] });
      expect(hazard(plan, 'unknown_network_table')?.message).toBe(
        "network.mainSiteTables names what is no plugin's table at the source: shop, posts, users.",
      );
    });

    it('are all listed, without a warning, where site 1 does not travel', () => {
      const plan = planWith({}, { selection: { ...aRequest().selection, include: [4] } });
      expect(leftOf(plan)).toEqual(['wp_shop_orders', 'wp_shop_items']);
      expect(hazard(plan, 'shared_table')).toBeUndefined();
    });

    it('travel with site 1 where no other site has tables, and that is told', () => {
      const alone = anEnd({ ids: [1], extra: SHOP.map(name => aTable(name)) });
      const plan = planWith({ mainSiteTables: ['redirects'] }, {}, alone);
      expect(tablesOf(plan, 1)).toEqual(['wp_options', 'wp_posts', ...SHOP.toSorted()]);
      expect(leftOf(plan)).toEqual([]);
      expect(hazard(plan, 'shared_table')?.message).toContain(
        'travel with site 1: wp_shop_orders, wp_shop_items.',
      );
    });
  });

  describe('hazards', () => {
    it('H31 a collation the target does not know blocks, and --accept leaves its site out', () => {
      const source = anEnd({ extra: [aTable('wp_4_forms', { collation: 'utf8mb4_0900_ai_ci' })] });
      const blocked = buildPlan(aRequest(), source, anEmptyTarget());
      expect(hazard(blocked, 'unknown_collation')).toMatchObject({ blocking: true, siteIds: [4] });
      const accepted = buildPlan(aRequest({ accept: ['unknown_collation'] }), source, anEmptyTarget());
      expect(accepted.sites.map(site => site.siteId).sort()).toEqual([1, 2, 43]);
      expect(accepted.leftOut).toEqual([{ siteId: 4, reason: '--accept unknown_collation' }]);
      expect(accepted.network).toMatchObject({ everySite: false, siteIds: [1, 2, 43] });
    });

    it('H31 of a single column too', () => {
      const source = anEnd({
        catalog: { columnCollations: new Map([['wp_43_posts', ['utf8mb4_uca1400_ai_ci']]]) },
      });
      expect(hazard(buildPlan(aRequest(), source, anEmptyTarget()), 'unknown_collation')?.siteIds).toEqual([
        43,
      ]);
    });

    it('an unknown engine blocks', () => {
      const source = anEnd({ extra: [aTable('wp_2_search', { engine: 'Mroonga' })] });
      expect(hazard(buildPlan(aRequest(), source, anEmptyTarget()), 'unknown_engine')).toMatchObject({
        blocking: true,
        siteIds: [2],
      });
    });

    it('H27 names views and triggers that are not carried', () => {
      const source = anEnd({
        extra: [aTable('wp_2_recent', { kind: 'view' })],
        catalog: { triggers: [{ name: 'touch', table: 'wp_4_posts' }] },
      });
      const view = buildPlan(aRequest(), source, anEmptyTarget());
      expect(hazard(view, 'view_not_carried')?.message).toContain('wp_2_recent');
      expect(hazard(view, 'trigger_not_carried')).toMatchObject({ blocking: false, siteIds: [4] });
      expect(tablesOf(view, 2)).not.toContain('wp_2_recent');
    });

    it.each([
      [
        'GRANT SELECT ON `wp_prod`.* TO `u`@`%`',
        {},
        'With EXECUTE and EVENT the plan could name them; the statements: wfuwp config grants prod stg',
      ],
      ['GRANT SELECT, ALTER ROUTINE ON `wp_prod`.* TO `u`@`%`', {}, 'With EVENT the plan could'],
      ['GRANT SELECT, EVENT ON *.* TO `u`@`%`', {}, undefined],
      ['GRANT SELECT, EVENT ON *.* TO `u`@`%`', { lacksRoutines: true as const }, 'mariadb-upgrade'],
    ])('H27 tells when routines and events can not be seen: %s %o', (grant, catalog, hint) => {
      const source = anEnd({ catalog, server: { grants: [parseGrant(grant)] } });
      const found = hazard(buildPlan(aRequest(), source, anEmptyTarget()), 'routines_unseen');
      if (hint === undefined) expect(found).toBeUndefined();
      else expect(found).toMatchObject({ blocking: false, hint: expect.stringContaining(hint) });
    });

    it('H27 a trigger on a live table of the target blocks: it could not be swapped', () => {
      const target = anEnd({ catalog: { triggers: [{ name: 'audit', table: 'wp_43_posts' }] } });
      expect(hazard(buildPlan(aRequest(), anEnd(), target), 'target_trigger')).toMatchObject({
        blocking: true,
        siteIds: [43],
      });
    });

    it('H28 names tables outside the snapshot', () => {
      const source = anEnd({ extra: [aTable('wp_2_old', { engine: 'MyISAM' })] });
      expect(hazard(buildPlan(aRequest(), source, anEmptyTarget()), 'not_in_snapshot')?.message).toContain(
        'wp_2_old',
      );
    });

    it('H36 foreign keys that leave their site block', () => {
      const foreignKeys = [
        { name: 'inside', table: 'wp_4_posts', referencedTable: 'wp_4_options' },
        { name: 'outside', table: 'wp_2_posts', referencedTable: 'wp_users' },
      ];
      const plan = buildPlan(aRequest(), anEnd({ catalog: { foreignKeys } }), anEmptyTarget());
      expect(hazard(plan, 'foreign_key_across_sites')).toMatchObject({ blocking: true, siteIds: [2] });
    });

    it('H24 a name that grows too long with the prefix of the target blocks', () => {
      const source = anEnd({ extra: [aTable(`wp_4_${'x'.repeat(58)}`)] });
      const target = { ...aRequest().target, tablePrefix: 'staging_' };
      expect(
        hazard(buildPlan(aRequest({ target }), source, anEmptyTarget()), 'name_too_long')?.siteIds,
      ).toEqual([4]);
    });

    describe('a network that the target does not have', () => {
      const source = anEnd({
        blogs: [aBlog(1), aBlog(2), aBlog(4, { networkId: 2 }), aBlog(43, { networkId: 2 })],
        networks: [aNetwork(1), aNetwork(2)],
      });
      const target = anEnd({ ids: [1, 2], networks: [aNetwork(1)] });
      const choose = (...ids: number[]) => ({
        selection: { ...aRequest().selection, include: ids },
      });

      it.each([
        ['comes along with a choice of its sites', choose(2, 4), target, [2]],
        ['comes along with all sites', {}, target, [1, 2]],
        ['comes to an empty target', choose(2, 4), anEmptyTarget(), [1, 2]],
        ['stays away where others are chosen', choose(2), target, []],
        ['stays as it is where it is there', choose(2, 4), source, []],
      ])('%s', (_, request, end, networkIds) => {
        expect(buildPlan(aRequest(request), source, end).network?.networkIds).toEqual(networkIds);
      });
    });

    describe('F29 ids that are out of range', () => {
      const none = { blogs: [], networks: [], users: [] };
      const odd = { ...none, blogs: ['9007199254740993'] };
      const source = { ...anEnd({ extra: [aTable('wp_9007199254740993_crm')] }), oddIds: odd };

      it('block, and their tables are no other site’s', () => {
        const plan = buildPlan(aRequest(), source, anEnd());
        expect(hazard(plan, 'id_out_of_range')).toMatchObject({
          blocking: true,
          message: expect.stringContaining('site 9007199254740993 of the source'),
        });
        expect(plan.tablesNotCarried).toContainEqual({
          table: 'wp_9007199254740993_crm',
          reason: 'blog 9007199254740993 has an id that is out of range',
        });
        expect(tablesOf(plan, 1)).toEqual(['wp_options', 'wp_posts']);
      });

      it('are not every site that there is', () => {
        const network = buildPlan(aRequest(), source, anEnd()).network;
        expect(network).toMatchObject({ everySite: false, mode: 'merge' });
        expect(buildPlan(aRequest(), anEnd(), anEnd()).network).toMatchObject({ everySite: true });
      });

      it.each([
        ['a user of the source', { users: 'merge' }, { ...none, users: ['0'] }, none, true],
        ['a user of the target', { users: 'merge' }, none, { ...none, users: ['0'] }, true],
        ['a user, where users stay', {}, { ...none, users: ['0'] }, none, false],
        ['a network of the source', {}, { ...none, networks: ['-1'] }, none, true],
        ['a site of the target', {}, none, odd, false],
      ] as const)('%s', (_what, users, ofSource, ofTarget, isTold) => {
        const network = { ...aRequest().network, ...users };
        const ends = [
          { ...anEnd(), oddIds: ofSource },
          { ...anEnd(), oddIds: ofTarget },
        ] as const;
        expect(hazard(buildPlan(aRequest({ network }), ...ends), 'id_out_of_range') !== undefined).toBe(
          isTold,
        );
      });
    });

    it('sites that only the target has are named and stay', () => {
      const plan = buildPlan(aRequest(), anEnd(), anEnd({ ids: [1, 2, 77] }));
      expect(hazard(plan, 'target_only_site')).toMatchObject({ blocking: false, siteIds: [77] });
    });
  });

  describe('what does not arrive as it is', () => {
    const safety: PlannedSafety = {
      rules: ['anonymise_people', 'blank_keys'],
      staff: ['ann'],
      staffIds: [],
      columns: [],
      keyDigest: 'abc',
    };
    const treatment = { skipData: ['*_log'], skipRows: [], safety: null };
    const source = anEnd({
      extra: [aTable('wp_4_my_log', { rows: 5_000 }), aTable('wp_4_woocommerce_api_keys')],
    });

    it('H52 marks tables whose rows stay, and leaves them out of the totals', () => {
      const plan = buildPlan(aRequest({ treatment: { ...treatment, safety } }), source, anEmptyTarget());
      const emptied = plan.sites.flatMap(site => site.tables).filter(table => table.emptiedBy);
      expect(emptied.map(table => [table.source, table.emptiedBy])).toEqual([
        ['wp_4_my_log', 'skip_data'],
        ['wp_4_woocommerce_api_keys', 'blank_keys'],
      ]);
      expect(plan.sites.find(site => site.siteId === 4)).toMatchObject({ rows: 20, sizeBytes: 2_000 });
      expect(plan.totals).toMatchObject({ tables: 8 + 2 + 4, rows: 120 });
    });

    it('knows the staff by their ids', () => {
      const plan = buildPlan(
        aRequest({ treatment: { ...treatment, safety } }),
        { ...source, staffIds: ['7', '12'] },
        anEmptyTarget(),
      );
      expect(plan.treatment?.safety).toEqual({ ...safety, staffIds: ['7', '12'] });
    });

    it('is part of the digest, unless it is nothing', () => {
      const digest = (over: Parameters<typeof aRequest>[0]): string =>
        buildPlan(aRequest(over), source, anEmptyTarget()).digest;
      const none = { skipData: [], skipRows: [], safety: null };
      const { treatment: _, ...older } = buildPlan(aRequest(), source, anEmptyTarget());
      expect(digestPlan(older)).toBe(digest({ treatment: none }));
      const digests = [
        digest({ treatment: none }),
        digest({ treatment }),
        digest({ treatment: { ...none, skipRows: ['options.option_name=x'] } }),
        digest({ treatment: { ...none, safety } }),
        digest({ treatment: { ...none, safety: { ...safety, keyDigest: null } } }),
      ];
      expect(new Set(digests).size).toBe(digests.length);
    });

    it.each([
      ['no policy', { targetProtected: false }, ['no_safety_policy']],
      ['no policy, but the target is protected', { targetProtected: true }, []],
      ['a policy', { treatment: { ...treatment, safety }, targetProtected: false }, []],
      [
        'a policy without a key',
        { treatment: { ...treatment, safety: { ...safety, keyDigest: null } }, targetProtected: false },
        ['pseudonyms_without_key'],
      ],
      [
        'a policy that needs none',
        {
          treatment: { ...treatment, safety: { ...safety, keyDigest: null, rules: ['blank_keys'] as const } },
          targetProtected: false,
        },
        [],
      ],
    ])('H54 %s: the plan warns where it must', (_, over, codes) => {
      const { hazards } = buildPlan(aRequest(over), source, anEmptyTarget());
      const found = hazards.filter(({ code }) => /safety|pseudonyms|anonymise/.test(code));
      expect(found.map(({ code }) => code)).toEqual(codes);
      expect(found.every(({ blocking }) => !blocking)).toBe(true);
    });
  });

  describe('names in the configuration', () => {
    const source = anEnd({
      extra: [aTable('wp_404_to_301'), aTable('wp_4_visits'), aTable('wp_43_visits')],
    });
    const text = aColumn('who');
    const columns = new Map([
      [
        'wp_4_visits',
        [text, aColumn('seen', { dataType: 'datetime', columnType: 'datetime', isText: false })],
      ],
      ['wp_43_visits', [text]],
      ['wp_404_to_301', [aColumn('url')]],
    ]);
    const plan = (patterns: string[], over: Parameters<typeof aRequest>[0] = {}) =>
      buildPlan(
        aRequest({ named: [{ setting: 'a.setting', patterns }], ...over }),
        { ...source, columns },
        anEmptyTarget(),
      );

    it.each([
      ['to_301', 'misspelled'],
      ['4_visits', 'with a blog id'],
      ['visits.whom', 'of no column'],
      ['visit.who', 'of a column in no table'],
      ['to_301.url', 'without a number that is part of the name'],
    ])('that the source does not have are told: %s, %s', (pattern, _why) => {
      const found = hazard(plan(['visits', pattern]), 'pattern_unmatched');
      expect(found).toMatchObject({ blocking: false, message: expect.stringMatching(/^a\.setting names /) });
      expect(found?.message).toContain(`have: ${pattern}.`);
    });

    it('H22 and others are not, in any letter case, whatever travels', () => {
      const patterns = ['VISITS', '404_to_301', 'users', '*_301', 'Visits.who', '404_to_301.url', 'v*.*'];
      const only1 = { selection: { ...aRequest().selection, include: [1] } };
      expect(hazard(plan(patterns, only1), 'pattern_unmatched')).toBeUndefined();
    });

    it('H54 stop the run when they are to be anonymised and can not be, unless their sites are left out', () => {
      const rules = ['anonymise_people'] as const;
      const safety = { rules, staff: [], staffIds: [], columns: ['visits.seen'], keyDigest: 'abc' };
      const treatment = { skipData: [], skipRows: [], safety };
      const found = hazard(plan([], { treatment }), 'anonymise_refused');
      expect(found).toMatchObject({ blocking: true, siteIds: expect.arrayContaining([4, 43]) });
      expect(found?.message).toContain('wp_4_visits.seen is of type datetime');
      expect(found?.message).toContain('wp_43_visits has no column for visits.seen');
      const accepted = plan([], { treatment, accept: ['anonymise_refused'] });
      expect(accepted.sites.map(site => site.siteId).sort()).toEqual([1, 2]);
      const others = [
        { ...treatment, safety: { ...safety, columns: ['visits.who', '*.seems', 'other.x'] } },
        { ...treatment, safety: { ...safety, rules: [] } },
        { ...treatment, skipData: ['visits'] },
      ];
      for (const other of others)
        expect(hazard(plan([], { treatment: other }), 'anonymise_refused')).toBeUndefined();
    });
  });

  it('has a digest of what it would do, and not of sizes and times', () => {
    const digest = (over: Parameters<typeof aRequest>[0], extra: ReturnType<typeof aTable>[] = []): string =>
      buildPlan(aRequest(over), anEnd({ extra }), anEmptyTarget()).digest;
    expect(digest({ now: new Date('2026-11-22T00:00:00Z') })).toBe(digest({}));
    expect(digest({}, [aTable('wp_4_x', { rows: 1 })])).toBe(
      digest({}, [aTable('wp_4_x', { rows: 99, sizeBytes: 7 })]),
    );
    expect(digest({}, [aTable('wp_4_x')])).not.toBe(digest({}));
    expect(digest({ rules: [] })).not.toBe(digest({}));
  });
});
