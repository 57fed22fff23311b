// H61: the target's object cache is flushed once the sites are swapped in, and that is looked at.

import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Summary } from '../../src/migration/summary.ts';
import { createEnvironments, type Environments } from '../support/environments.ts';
import { checksumTables } from '../support/generate-network.ts';
import { PretendSites } from '../support/pretend-sites.ts';
import { RedisServer, whyNoRedis } from '../support/redis-server.ts';
import { ofType, onlyRunId, readLines } from '../support/runs.ts';
import type { Outcome } from '../support/wfuwp.ts';

const NETWORK = { sites: 2, scale: 0.02 };

describe('the object cache', () => {
  it.skipIf(whyNoRedis)(`H61 of a real Redis is empty afterwards${whyNoRedis}`, async () => {
    await using pair = await createEnvironments(NETWORK);
    await using redis = await RedisServer.start();
    const cli = ['redis-cli', '-e', '-p', `${redis.port}`];
    await useCache(pair, {
      flushCommand: [...cli, 'FLUSHALL'],
      verify: { command: [...cli, 'DBSIZE'], expect: '0' },
      eachSite: true,
    });
    await redis.ask('SET', 'wp:2:options:alloptions', 'old');
    const { outcome, summary } = await migrate(pair);
    expect(outcome.exitCode, outcome.stderr).toBe(0);
    expect(await redis.ask('DBSIZE')).toBe('0');
    expect(summary.validationResults).toMatchObject([
      { component: 'object cache', test: 'cache_flush', passed: true },
      { component: 'object cache', test: 'cache_check', passed: true },
    ]);
    const lines = await readLines(join(pair.cwd, 'logs', await onlyRunId(pair)));
    expect(ofType(lines, 'site.validated').map(line => line.results.map(result => result.component))).toEqual(
      expect.arrayContaining([['object cache, site 2', 'object cache, site 2']]),
    );

    // What says "done" and has flushed nothing is found out.
    await useCache(pair, {
      flushCommand: ['true'],
      verify: { command: [...cli, 'DBSIZE'], expect: '0' },
    });
    await redis.ask('SET', 'wp:2:options:alloptions', 'old');
    const second = await migrate(pair);
    expect(second.outcome.exitCode).toBe(3);
    expect(second.summary.validationResults.at(-1)).toMatchObject({
      test: 'cache_check',
      passed: false,
      error: 'redis-cli printed "1" instead of "0"',
    });
  });

  it('is told of when it could not be flushed, and undoes nothing, unless it is required', async () => {
    await using pair = await createEnvironments({
      ...NETWORK,
      live: { ...NETWORK, domain: 'stg.example.edu', seed: 2 },
    });
    await using pages = await PretendSites.start();
    const { server, database } = pair.target;
    const before = await checksumTables(server, database);
    pages.answer = ({ path }, response) => {
      response.statusCode = path === '/flush?key=s3cret-key' ? 403 : 404;
      return 'no';
    };
    pair.env.FLUSH_KEY = 's3cret-key';
    const flushUrl = `${pages.url}/flush?key=\${FLUSH_KEY}`;
    await useCache(pair, { flushUrl, required: true });
    const undone = await migrate(pair, '--auto-rollback');
    expect(undone.outcome.exitCode).toBe(3);
    expect(undone.summary).toMatchObject({ status: 'rolled_back', error: { code: 'verification' } });
    expect(await checksumTables(server, database)).toEqual(before);
    // What is live again was changed behind the cache's back as well.
    expect(pages.requests.filter(request => request.path.startsWith('/flush'))).toHaveLength(2);

    await useCache(pair, { flushCommand: ['sh', '-c', 'echo "ERR no auth" >&2; exit 1'] });
    const { outcome, summary } = await migrate(pair, '--auto-rollback');
    expect(outcome.exitCode).toBe(3);
    expect(summary).toMatchObject({ status: 'completed', sites: { completed: 3 } });
    expect(summary.validationResults).toMatchObject([
      { test: 'cache_flush', passed: false, error: 'sh: it ended with exit code 1; it printed: ERR no auth' },
    ]);

    pages.answer = () => 'flushed';
    await useCache(pair, { flushUrl });
    const flushed = await migrate(pair);
    pages.requests.length = 0;
    const { migrationId } = flushed.summary;
    const rollback = await pair.run('env-migrate', 'rollback', migrationId, '--yes');
    expect(rollback.exitCode, rollback.stderr).toBe(0);
    expect(rollback.stdout).toContain('object cache: passed [cache_flush]');
    expect(pages.requests.map(request => request.path)).toEqual(['/flush?key=s3cret-key']);
    expect(flushed.outcome.exitCode, flushed.outcome.stderr).toBe(0);
    for (const { stdout, stderr } of [undone.outcome, flushed.outcome]) {
      expect(stdout + stderr).not.toContain('s3cret-key');
    }
  });
});

function useCache(pair: Environments, cache: object): Promise<void> {
  return pair.configure(config => {
    config.environments.stg.cache = cache;
  });
}

async function migrate(
  pair: Environments,
  ...flags: string[]
): Promise<{ outcome: Outcome; summary: Summary }> {
  const outcome = await pair.run('env-migrate', 'prod', 'stg', '--yes', '--json', ...flags);
  return { outcome, summary: JSON.parse(outcome.stdout) as Summary };
}
