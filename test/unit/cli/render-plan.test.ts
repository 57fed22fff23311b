import { stripVTControlCharacters } from 'node:util';
import { describe, expect, it } from 'vitest';
import { renderPlan } from '../../../src/cli/render-plan.ts';
import type { Finding } from '../../../src/lib/finding.ts';
import type { Plan, PlannedTable } from '../../../src/migration/plan.ts';
import { samplePlan } from '../../support/sample-plan.ts';

const OPTIONS = { colors: false, width: 100 };

const emptyMeta = (table: PlannedTable): PlannedTable =>
  table.target.endsWith('postmeta') ? { ...table, emptiedBy: 'skip_data' } : table;

function planWithEverything(): Plan {
  const plan = samplePlan(60);
  return {
    ...plan,
    skipColumns: ['options.mail_password'],
    treatment: {
      skipData: ['postmeta'],
      skipRows: ['options.option_name=_transient_*', 'postmeta.meta_key=_edit_lock'],
      safety: {
        rules: ['drop_sessions', 'stop_mail', 'anonymise_people'],
        staff: ['@it.example.edu', 'ann'],
        staffIds: ['1', '12', '17'],
        columns: [],
        keyDigest: null,
      },
      refreshPermalinks: true,
    },
    sites: plan.sites.map(site => ({ ...site, tables: site.tables.map(emptyMeta) })),
    hosts: [
      ...plan.hosts,
      { source: 'www.history-museum.org', target: null, siteIds: [17, 18, 19, 41] },
      { source: 'alumni.example.com', target: null, siteIds: [20] },
    ],
    hazards: [
      {
        code: 'unknown_collation',
        blocking: true,
        message: "The target's server (11.8.2-MariaDB) doesn't know the collation utf8mb4_0900_ai_ci.",
        hint: 'Fix it, or leave these sites out with --accept unknown_collation.',
        siteIds: [4, 5, 6, 7, 9],
      },
      {
        code: 'triggers_unseen',
        blocking: false,
        message: "The source's user may not see triggers; any that exist are not carried.",
        hint: 'GRANT TRIGGER lets the plan name them.',
      },
      { code: 'target_trigger', blocking: true, message: 'wp_blogs has a trigger.', siteIds: [0] },
    ],
    leftOut: [
      { siteId: 61, reason: 'archived (--active-only)' },
      { siteId: 70, reason: 'it has no tables' },
      { siteId: 62, reason: 'archived (--active-only)' },
    ],
    tablesNotCarried: [
      { table: 'wp_users', reason: 'users stay as they are on the target' },
      ...Array.from({ length: 14 }, (_, index) => ({
        table: `wp_99_plugin_${index}`,
        reason: 'blog 99 is not in the blogs table',
      })),
    ],
  };
}

describe('renderPlan', () => {
  it('shows a quiet plan on one page', async () => {
    await expect(renderPlan(samplePlan(3), { ...OPTIONS, width: 80 })).toMatchFileSnapshot(
      '../../cases/rendering/plan-quiet.txt',
    );
  });

  it('shows everything a plan can hold', async () => {
    await expect(renderPlan(planWithEverything(), OPTIONS)).toMatchFileSnapshot(
      '../../cases/rendering/plan-with-everything.txt',
    );
  });

  it('names what stops the run before anything else, with what to type', () => {
    const text = renderPlan(planWithEverything(), OPTIONS);
    expect(text.indexOf('This stops the run (2)')).toBeLessThan(text.indexOf('Warnings (1)'));
    expect(text).toContain('--accept unknown_collation');
    expect(text).toContain('(sites 4-7, 9)');
    expect(text).toContain('(the network tables)');
  });

  it('shows the findings of the checks instead, and keeps the sites of the hazards', () => {
    const plan = planWithEverything();
    const findings: Finding[] = [
      { code: 'server_version', outcome: 'passed', message: 'fine' },
      { code: 'free_space', outcome: 'failed', message: 'The target is full.', hint: 'Free 3 GB.' },
      // Accepted: it only warns any more.
      { code: 'unknown_collation', outcome: 'warning', message: plan.hazards[0]?.message ?? '' },
    ];
    const text = renderPlan(plan, { ...OPTIONS, findings });
    expect(text).toContain('This stops the run (1):\n  ✖ The target is full. [free_space]\n    → Free 3 GB.');
    expect(text).toContain('[unknown_collation] (sites 4-7, 9)');
    expect(text).toContain('✔ 1 check passed.');
  });

  it.each([60, 80, 100, 120, 300])('keeps its lines within 80 to 120 columns on a screen of %d', width => {
    const lines = renderPlan(planWithEverything(), { colors: false, width }).split('\n');
    const longest = Math.max(...lines.map(line => line.length));
    expect(longest).toBeLessThanOrEqual(Math.min(120, Math.max(80, width)));
  });

  it('says the same with and without colours', () => {
    const plan = planWithEverything();
    const colored = renderPlan(plan, { ...OPTIONS, colors: true });
    expect(colored).toContain('\u001b[31m');
    expect(stripVTControlCharacters(colored)).toBe(renderPlan(plan, OPTIONS));
  });

  it('stays short for a network of thousands', () => {
    const lines = renderPlan(samplePlan(5_000), OPTIONS).split('\n');
    expect(lines.length).toBeLessThan(45);
    expect(lines).toContain('  … and 4,994 more (see --json)');
  });

  it('lets no escape sequence of a foreign name through', () => {
    const plan = samplePlan(1, { hazards: [{ code: 'x', blocking: false, message: 'host \u001b[2Jevil' }] });
    expect(renderPlan(plan, OPTIONS)).not.toContain('\u001b');
  });
});
