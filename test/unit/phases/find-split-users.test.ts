import { describe, expect, it } from 'vitest';
import type { CatalogTable } from '../../../src/mysql/catalog.ts';
import { buildPlan, type PlanRequest } from '../../../src/phases/build-plan.ts';
import { runChecks } from '../../../src/phases/checks.ts';
import { aBlog, anEmptyTarget, anEnd, aRequest, aTable } from '../../support/facts.ts';

const treat = (over: Partial<PlanRequest['treatment']>): Partial<PlanRequest> => ({
  treatment: { skipData: [], skipRows: [], safety: null, ...over },
});

async function plan(
  users: 'keep' | 'copy' | 'merge',
  replaced: readonly CatalogTable[] = [],
  over: Partial<PlanRequest> = {},
  without: readonly string[] = [],
) {
  const source = anEnd({
    ids: [1, 2],
    without: [...replaced.map(table => table.name), ...without],
    extra: replaced,
  });
  const target = { ...anEmptyTarget(), blogs: [aBlog(1), aBlog(2)] };
  const match = { map: { knownUpTo: 0, ids: [] }, matched: 0, added: 0, renumbered: 0, clashes: [] };
  const request = aRequest({ ...over, network: { ...aRequest().network, users, match } });
  const made = buildPlan(request, source, target);
  // Whatever is accepted: the network tables can't be left out like a site.
  const findings = await runChecks({
    ...{ plan: made, source, target, sameServer: false, protectedTarget: false, confirmed: null },
    accept: ['users_apart', 'view_not_carried', 'unknown_engine'],
  });
  return {
    apart: findings.filter(({ code, outcome }) => code === 'users_apart' && outcome === 'failed'),
    codes: made.hazards.map(({ code }) => code),
  };
}

describe.each(['copy', 'merge'] as const)('F05 users: %s', mode => {
  it.each([
    ['users is a view', aTable('wp_users', { kind: 'view' }), 'no table wp_users, but a view'],
    ['usermeta is a view', aTable('wp_usermeta', { kind: 'view' }), 'no table wp_usermeta, but a view'],
    ['users is a sequence', aTable('wp_users', { kind: 'sequence' }), 'no table wp_users, but a sequence'],
    ['users is FEDERATED', aTable('wp_users', { engine: 'FEDERATED' }), 'its engine is FEDERATED'],
    ['usermeta is BLACKHOLE', aTable('wp_usermeta', { engine: 'BLACKHOLE' }), 'its engine is BLACKHOLE'],
    ['users is CONNECT', aTable('wp_users', { engine: 'CONNECT' }), 'its engine is CONNECT'],
    ['usermeta is SPIDER', aTable('wp_usermeta', { engine: 'SPIDER' }), 'its engine is SPIDER'],
  ])('is refused when %s', async (_what, table, reason) => {
    const { apart } = await plan(mode, [table]);
    expect(apart).toHaveLength(1);
    expect(apart[0]?.message).toContain(reason);
  });

  it.each(['users', 'usermeta'])('is refused when the source has no %s', async suffix => {
    const { apart } = await plan(mode, [], {}, [`wp_${suffix}`]);
    expect(apart[0]?.message).toContain(`the source has no table wp_${suffix}`);
  });

  it.each([
    ['skipData names users', { skipData: ['users'] }, 'tables.skipData leaves the rows of wp_users'],
    ['skipData names usermeta', { skipData: ['USERM*'] }, 'tables.skipData leaves the rows of wp_usermeta'],
    ['skipRows leaves all users', { skipRows: ['users.ID=*'] }, 'leaves all rows of wp_users'],
    ['skipRows leaves all usermeta', { skipRows: ['usermeta.meta_key=*'] }, 'all rows of wp_usermeta'],
  ])('is refused when %s', async (_what, over, reason) => {
    expect((await plan(mode, [], treat(over))).apart[0]?.message).toContain(reason);
  });

  it('names both tables when neither comes', async () => {
    const { apart } = await plan(mode, [], {}, ['wp_users', 'wp_usermeta']);
    expect(apart[0]?.message).toMatch(/no table wp_users; the source has no table wp_usermeta/);
  });

  it('is not refused for tables of another engine that hold their rows', async () => {
    const { apart, codes } = await plan(mode, [aTable('wp_users', { engine: 'MyISAM' })]);
    expect(apart).toEqual([]);
    expect(codes).not.toContain('users_apart');
  });

  it('tells when some users are left whose usermeta comes, and not when some usermeta is', async () => {
    expect((await plan(mode, [], treat({ skipRows: ['users.user_email=*@x.edu'] }))).codes).toContain(
      'users_skipped',
    );
    const usual = await plan(mode, [], treat({ skipRows: ['usermeta.meta_key=session_tokens'] }));
    expect(usual.codes.filter(code => code.startsWith('users_'))).toEqual([]);
  });

  it('has no say where the network tables are left out', async () => {
    expect((await plan(mode, [], { sitesOnly: true }, ['wp_usermeta'])).codes).not.toContain('users_apart');
  });
});

it('F05 users that stay may be anything at the source', async () => {
  expect((await plan('keep', [aTable('wp_users', { kind: 'view' })])).codes).not.toContain('users_apart');
});
