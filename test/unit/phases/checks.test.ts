import { hostname, tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../src/lib/finding.ts';
import { parseGrant } from '../../../src/mysql/grants.ts';
import type { ServerFacts } from '../../../src/mysql/read-server.ts';
import { buildPlan } from '../../../src/phases/build-plan.ts';
import { runChecks } from '../../../src/phases/checks.ts';
import { anEmptyTarget, anEnd, aRequest, aTable } from '../../support/facts.ts';

interface Circumstances {
  readonly source?: Partial<ServerFacts>;
  readonly target?: Partial<ServerFacts>;
  readonly sizeBytes?: number;
  readonly sameServer?: boolean;
  readonly targetDatabase?: string;
  readonly protectedTarget?: boolean;
  readonly confirmed?: string;
}

async function check(circumstances: Circumstances): Promise<Finding[]> {
  const extra = circumstances.sizeBytes ? [aTable('wp_4_big', { sizeBytes: circumstances.sizeBytes })] : [];
  const source = anEnd({ extra, ...(circumstances.source ? { server: circumstances.source } : {}) });
  const target = anEmptyTarget(circumstances.target);
  const request = aRequest(
    circumstances.targetDatabase
      ? { target: { ...aRequest().target, database: circumstances.targetDatabase } }
      : {},
  );
  return runChecks({
    plan: buildPlan(request, source, target, circumstances.sameServer),
    source,
    target,
    sameServer: circumstances.sameServer ?? false,
    accept: [],
    protectedTarget: circumstances.protectedTarget ?? false,
    confirmed: circumstances.confirmed ?? null,
  });
}

const failures = async (circumstances: Circumstances): Promise<string[]> =>
  (await check(circumstances)).filter(finding => finding.outcome === 'failed').map(finding => finding.code);
const warnings = async (circumstances: Circumstances): Promise<string[]> =>
  (await check(circumstances)).filter(finding => finding.outcome === 'warning').map(finding => finding.code);

describe('runChecks', () => {
  it('lets a sound pair through', async () => {
    expect(await failures({})).toEqual([]);
  });

  it('shows all that is wrong at once, each with what to do', async () => {
    const findings = await check({
      target: { version: '5.7.44', flavour: 'mysql', readOnly: true },
      protectedTarget: true,
    });
    const failed = findings.filter(finding => finding.outcome === 'failed');
    expect(failed.map(finding => finding.code)).toEqual([
      'server_version',
      'protected_target',
      'target_read_only',
    ]);
    for (const finding of failed) expect(finding.hint).toBeTruthy();
  });

  it('H48 a target without room: the disk of a server on this machine is looked at', async () => {
    const here = { hostname: hostname(), dataDirectory: tmpdir() };
    expect(await failures({ target: here, sizeBytes: 1e17 })).toEqual(['no_space']);
    expect(await failures({ target: here, sizeBytes: 1_000 })).toEqual([]);
    expect(await failures({ target: { hostname: 'elsewhere' }, sizeBytes: 1e17 })).toEqual([]);
  });

  it('refuses one database at both ends of one server, and takes two of one server', async () => {
    expect(await failures({ sameServer: true, targetDatabase: 'wp_prod' })).toEqual(['same_database']);
    expect(await failures({ sameServer: true })).toEqual([]);
    expect(await failures({ sameServer: false, targetDatabase: 'wp_prod' })).toEqual([]);
  });

  it('says whether rows can be copied inside one server, and what is missing for it', async () => {
    const find = async (circumstances: Circumstances) =>
      (await check(circumstances)).filter(finding => finding.code.endsWith('copies_inside'));
    expect(await find({ sameServer: false })).toEqual([]);
    expect(await find({ sameServer: true })).toMatchObject([{ code: 'copies_inside', outcome: 'passed' }]);
    const all = ['wp_stg', 'wp_stg_incoming', 'wp_stg_previous'].map(name =>
      parseGrant(`GRANT ALL PRIVILEGES ON \`${name}\`.* TO \`u\`@\`%\``),
    );
    expect(await find({ sameServer: true, target: { grants: all } })).toMatchObject([
      {
        code: 'no_copies_inside',
        outcome: 'warning',
        hint: expect.stringContaining('could SELECT from wp_prod'),
      },
    ]);
  });

  it('a protected target needs its own name', async () => {
    expect(await failures({ protectedTarget: true, confirmed: 'prod' })).toEqual(['protected_target']);
    expect(await failures({ protectedTarget: true, confirmed: 'stg' })).toEqual([]);
  });

  it('names the rights that are missing; a role can only be warned of', async () => {
    const grants = [parseGrant('GRANT SELECT, INSERT ON *.* TO `u`@`%`')];
    expect(await failures({ target: { grants } })).toEqual([
      'target_rights',
      'target_rights',
      'target_rights',
    ]);
    const role = parseGrant('GRANT `migrators` TO `u`@`%`');
    expect(await failures({ target: { grants: [...grants, role] } })).toEqual([]);
    expect(await warnings({ target: { grants: [...grants, role] } })).toContain('target_rights');
    expect(await failures({ source: { grants: [] } })).toEqual(['source_rights']);
  });

  it('H34 H26 warns of a smaller packet, local_infile off and lower-case names', async () => {
    const target = { maxAllowedPacketBytes: 1_048_576, localInfile: false, lowerCaseTableNames: 1 };
    expect(await warnings({ target })).toEqual(
      expect.arrayContaining(['max_allowed_packet', 'local_infile_off', 'table_name_case']),
    );
  });

  it('H26 two tables that differ only by case can not go to a server that ignores it', async () => {
    const source = anEnd({ extra: [aTable('wp_4_POSTS')] });
    const target = anEmptyTarget({ lowerCaseTableNames: 1 });
    const findings = await runChecks({
      plan: buildPlan(aRequest(), source, target),
      source,
      target,
      sameServer: false,
      accept: [],
      protectedTarget: false,
      confirmed: null,
    });
    expect(findings.find(finding => finding.code === 'table_name_case')?.outcome).toBe('failed');
  });

  it('F07 names what no session can change, and fails where the lease would get no transactions', async () => {
    const enforced = {
      name: 'enforce_storage_engine',
      value: 'InnoDB',
      wanted: '',
      meaning: 'the server makes every table with that storage engine, whatever its definition says',
    };
    const find = async (target: Partial<ServerFacts>) =>
      (await check({ target })).filter(({ code }) => code === 'unsettled_variable');
    expect(await find({})).toEqual([]);
    expect(await find({ unsettled: [enforced], engines: new Set(['innodb']) })).toEqual([
      {
        code: 'unsettled_variable',
        outcome: 'warning',
        message: expect.stringContaining(
          'has enforce_storage_engine = InnoDB, and its user may not change that',
        ),
        hint: expect.stringMatching(/^SET GLOBAL enforce_storage_engine = NULL on the target/),
      },
    ]);
    expect(await find({ unsettled: [enforced], engines: new Set(['myisam']) })).toMatchObject([
      { outcome: 'failed' },
    ]);
  });

  it('tells what makes it possible that another server passes for one of the ends', async () => {
    const tell = async (trust: ServerFacts['trust']) =>
      [...(await warnings({ source: { trust } })), ...(await warnings({ target: { trust } }))].filter(code =>
        /tls|login/.test(code),
      );
    expect(await tell({ tls: 'full', allowsInsecureLogin: false })).toEqual([]);
    expect(await tell({ tls: 'off', allowsInsecureLogin: false })).toEqual([]);
    expect(await tell({ tls: 'ca', allowsInsecureLogin: false })).toEqual([
      'tls_name_unchecked',
      'tls_name_unchecked',
    ]);
    expect(await tell({ tls: 'none', allowsInsecureLogin: true })).toEqual([
      ...['tls_unproven', 'insecure_login', 'tls_unproven', 'insecure_login'],
    ]);
  });
});
