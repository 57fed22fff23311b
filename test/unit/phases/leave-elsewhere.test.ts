import { describe, expect, it } from 'vitest';
import type { Plan } from '../../../src/migration/plan.ts';
import { buildPlan } from '../../../src/phases/build-plan.ts';
import { aDefinition, anEmptyTarget, anEnd, aRequest, aTable, type NetworkFacts } from '../../support/facts.ts';

const planOf = (
  facts: NetworkFacts,
  union: Readonly<Record<string, readonly { name: string; database?: string }[]>> = {},
): Plan =>
  buildPlan(
    aRequest(),
    {
      ...anEnd(facts),
      definitions: {
        facts: new Map(Object.entries(union).map(([name, parts]) => [name, aDefinition({ union: parts })])),
        damaged: new Map(),
      },
    },
    anEmptyTarget({ engines: new Set(['innodb', 'myisam', 'mrg_myisam', 'federated', 'mroonga']) }),
  );
const codes = (plan: Plan): string[] =>
  plan.hazards.filter(({ blocking }) => blocking).map(({ code }) => code);
const tablesOf = (plan: Plan, siteId: number): string[] =>
  plan.sites.find(site => site.siteId === siteId)!.tables.map(table => table.target);

describe('F02 a table whose rows lie elsewhere', () => {
  it('is left and named, and what the target has under its name stays', () => {
    const plan = planOf({ extra: [aTable('wp_2_leads', { engine: 'FEDERATED' })] });
    expect(tablesOf(plan, 2)).not.toContain('wp_2_leads');
    expect(plan.tablesNotCarried).toContainEqual({
      ...{ table: 'wp_2_leads', stays: 'wp_2_leads' },
      reason: 'its rows lie elsewhere (FEDERATED)',
    });
    expect(plan.hazards).toContainEqual(
      expect.objectContaining({ code: 'rows_elsewhere', blocking: false, siteIds: [2] }),
    );
    expect(codes(plan)).toEqual([]);
  });

  it("blocks where it is one of WordPress's own, of a site or of the network", () => {
    const site = planOf({ without: ['wp_2_posts'], extra: [aTable('wp_2_posts', { engine: 'CONNECT' })] });
    expect(codes(site)).toEqual(['core_rows_elsewhere']);
    const network = planOf({
      without: ['wp_blogmeta'],
      extra: [aTable('wp_blogmeta', { engine: 'SPIDER' })],
    });
    expect(network.hazards).toContainEqual(
      expect.objectContaining({ code: 'core_rows_elsewhere', siteIds: [0] }),
    );
  });

  it('blocks where nobody knows', () => {
    expect(codes(planOf({ extra: [aTable('wp_2_search', { engine: 'Mroonga' })] }))).toEqual([
      'strange_engine',
    ]);
  });
});

describe('F18 a MERGE table', () => {
  const merge = aTable('wp_2_all', { engine: 'MRG_MyISAM', rows: 50 });
  const extra = [merge, ...['wp_2_log', 'wp_4_log'].map(name => aTable(name, { engine: 'MyISAM' }))];

  it('travels without rows where all that it is made of does', () => {
    const plan = planOf({ extra }, { wp_2_all: [{ name: 'wp_2_log' }] });
    const planned = plan.sites
      .find(site => site.siteId === 2)!
      .tables.find(table => table.source === 'wp_2_all');
    expect(planned).toMatchObject({ kind: 'merge', rows: 0, sizeBytes: 0 });
  });

  it.each([
    ['of another site', [{ name: 'wp_2_log' }, { name: 'wp_4_log' }], 'wp_4_log'],
    ['of another database', [{ name: 'wp_2_log', database: 'other' }], 'other.wp_2_log'],
    ['that is not there', [{ name: 'wp_2_gone' }], 'wp_2_gone'],
  ])('is left where it is made of a table %s', (_, parts, named) => {
    const plan = planOf({ extra }, { wp_2_all: parts });
    expect(tablesOf(plan, 2)).not.toContain('wp_2_all');
    expect(plan.hazards).toContainEqual(
      expect.objectContaining({
        code: 'rows_elsewhere',
        message: expect.stringContaining(`MRG_MyISAM: ${named}`),
      }),
    );
  });
});
