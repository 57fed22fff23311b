// --health-check: the target's pages before the run and after it, held against what the configuration allows.

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { StatusReport } from '../../src/cli/status-report.ts';
import type { Summary } from '../../src/migration/summary.ts';
import type { ValidationResult } from '../../src/migration/validation.ts';
import { createEnvironments, type Environments } from '../support/environments.ts';
import { checksumTables } from '../support/generate-network.ts';
import { type Answer, PretendSites } from '../support/pretend-sites.ts';
import { listRunIds, ofType, onlyRunId, readLines, waitUntil } from '../support/runs.ts';

const NETWORK = { sites: 6, scale: 0.02 };
/** Sites 1 to 4 are there before the run. */
const LIVE = { sites: 3, scale: 0.02, domain: 'stg.example.edu', seed: 2 };

/** What goes wrong at which site. */
const TROUBLES: Answer = ({ siteId, isLogin }, response) => {
  if (siteId === 2 || (siteId === 6 && isLogin)) response.statusCode = 500;
  if (siteId === 3 && !isLogin) {
    response.writeHead(301, { location: 'https://prod.example.edu/site0002/' });
    return response.end() && '';
  }
  if (siteId === 4 && !isLogin)
    return String.raw`<script>{"url":"https:\/\/prod.example.edu\/x","mail":"joe@prod.example.edu"}</script>`;
  return null;
};

describe('--health-check', () => {
  it('tells what fails, site by site, and blames the run only for what worked before', async () => {
    await using pair = await createEnvironments({ ...NETWORK, live: LIVE });
    await using pages = await PretendSites.start();
    await reach(pair, pages, { maxErrors: '80%' });
    // Site 2 was broken already; the others were not, or were not there.
    pages.answer = (request, response) => (request.siteId === 2 ? TROUBLES(request, response) : null);
    const { source } = pair;
    await source.server.query(`UPDATE ${source.database}.wp_blogs SET archived = 1 WHERE blog_id = 7`);
    const running = pair.start('env-migrate', 'prod', 'stg', '--yes', '--json', '--health-check');
    await untilSitesPhase(pair);
    pages.answer = TROUBLES;
    const { exitCode, stdout, stderr } = await running;
    expect(exitCode, stderr).toBe(3);
    const summary = JSON.parse(stdout) as Summary;
    expect(summary).toMatchObject({
      status: 'completed',
      sites: { completed: 7 },
      // Site 7 is archived: WordPress serves it on neither side.
      validation: { sites: 6, failed: 3, brokenBefore: 1 },
    });
    expect(errorsOf(summary.validationResults, 'after')).toEqual({
      'site 2 http_status': 'answered 500',
      'site 2 http_login': '/site0001/wp-login.php: answered 500',
      'site 3 http_source_redirect': 'redirects to the source: https://prod.example.edu/site0002/',
      'site 4 http_source_host': 'names the source 1 time: prod.example.edu',
      'site 6 http_login': '/site0005/wp-login.php: answered 500',
    });
    expect(Object.keys(errorsOf(summary.validationResults, 'before'))).toEqual([
      'site 2 http_status',
      'site 2 http_login',
    ]);
    const share = summary.validationResults.find(result => result.test === 'http_error_share');
    expect(share).toMatchObject({ component: 'target', passed: true, error: null });
    // Host and scheme of the target, at the address that it is reached by; never the source's.
    expect(new Set(pages.requests.map(request => request.host))).toEqual(new Set(['stg.example.edu']));
    expect(pages.requests[0]!.headers).toMatchObject({
      'x-forwarded-proto': 'https',
      authorization: 'Basic c3Rn',
    });

    const id = await onlyRunId(pair);
    const status = await pair.run('env-migrate', 'status', id, '--site', '4', '--json');
    const { site } = JSON.parse(status.stdout) as StatusReport;
    expect(site!.validationResults.map(({ test, stage, passed }) => [test, stage, passed])).toEqual([
      ['http_status', 'before', true],
      ['http_source_redirect', 'before', true],
      ['http_source_host', 'before', true],
      ['http_login', 'before', true],
      ['http_status', 'after', true],
      ['http_source_redirect', 'after', true],
      ['http_source_host', 'after', false],
      ['http_login', 'after', true],
    ]);
    const text = (await pair.run('env-migrate', 'status', id)).stdout;
    expect(text).toMatch(/Pages +6 sites probed, 3 fail, 1 broken as before the run; 95 of 100 home pages/);
    expect(text).toContain('site 3: redirects to the source: https://prod.example.edu/site0002/');
    for (const file of ['migration-journal.jsonl', 'migration-progress.log', 'migration-config.json'])
      expect(await readFile(join(pair.cwd, 'logs', id, file), 'utf8')).not.toContain('Basic c3Rn');
  });

  it('fails the run when too many do, and goes back with --auto-rollback', async () => {
    await using pair = await createEnvironments({ ...NETWORK, live: LIVE });
    await using pages = await PretendSites.start();
    await reach(pair, pages, { maxErrors: 1 });
    const { server, database } = pair.target;
    const before = await checksumTables(server, database);
    const running = pair.start(
      'env-migrate',
      'prod',
      'stg',
      '--yes',
      '--json',
      '--health-check',
      '--auto-rollback',
    );
    await untilSitesPhase(pair);
    pages.answer = ({ siteId }, response) => {
      if (siteId === 5) response.statusCode = 404;
      // Never answers: its time passes.
      return siteId === 3 ? '' : null;
    };
    const { exitCode, stdout, stderr } = await running;
    expect(exitCode, stderr).toBe(3);
    const summary = JSON.parse(stdout) as Summary;
    expect(summary).toMatchObject({
      status: 'rolled_back',
      sites: { rolled_back: 7 },
      error: { code: 'verification' },
    });
    expect(summary.error!.message).toMatch(
      /^2 of 7 sites fail their probes, where 1 may \(probes.maxErrors\): 3, 5\. For one, .*All that was cut over has been rolled back\.$/,
    );
    expect(errorsOf(summary.validationResults, 'after')).toMatchObject({
      'site 3 http_status': 'no answer within 0.4 s',
      'site 5 http_status': 'answered 404',
    });
    expect(await checksumTables(server, database)).toEqual(before);
  });

  it('fails the run when pages are slow; a resume probes again', async () => {
    await using pair = await createEnvironments({ sites: 2, scale: 0.02 });
    await using pages = await PretendSites.start();
    await reach(pair, pages, { maxLatencyMs: 100, timeoutMs: 20_000, login: false });
    pages.answer = ({ siteId }, response) => {
      if (siteId !== 2) return null;
      setTimeout(() => response.end('slow'), 300);
      return '';
    };
    const first = await pair.run('env-migrate', 'prod', 'stg', '--yes', '--health-check');
    expect(first.exitCode, first.stderr).toBe(3);
    expect(first.stdout).toMatch(/95 of 100 home pages take up to \d+ ms, where 100 ms are allowed/);
    const id = await onlyRunId(pair);
    await reach(pair, pages, { timeoutMs: 20_000, login: false });
    const again = await pair.run('env-migrate', '--resume', id, '--yes');
    expect(again.exitCode, again.stdout).toBe(0);
    const lines = await readLines(join(pair.cwd, 'logs', id));
    // Nothing was on the target before; twice after it.
    expect(ofType(lines, 'site.validated')).toHaveLength(6);
    expect(pages.requests.every(request => !request.isLogin)).toBe(true);
  });
});

function reach(pair: Environments, pages: PretendSites, probes: object): Promise<void> {
  return pair.configure(config => {
    config.environments.stg.probe = { url: pages.url, headers: { Authorization: 'Basic c3Rn' } };
    config.probes = { timeoutMs: 400, ...probes };
  });
}

/** The probes of before are through then, and those of after are far. */
async function untilSitesPhase(pair: Environments): Promise<void> {
  await waitUntil(async () => {
    const [id] = await listRunIds(join(pair.cwd, 'logs'));
    const lines = id ? await readLines(join(pair.cwd, 'logs', id)) : [];
    return ofType(lines, 'phase.completed').some(line => line.phase === 'preflight');
  }, 'the end of the preflight phase');
}

function errorsOf(
  results: readonly ValidationResult[],
  stage: ValidationResult['stage'],
): Record<string, string> {
  const failed = results.filter(
    result => !result.passed && result.stage === stage && result.component !== 'target',
  );
  return Object.fromEntries(
    failed.map(({ component, test, error }) => [`${component} ${test}`, error ?? '']),
  );
}
