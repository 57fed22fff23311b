import { describe, expect, it } from 'vitest';
import { checkConfig } from '../../../src/config/check-config.ts';
import { type Config, configSchema, type Environment } from '../../../src/config/schema.ts';

type Section = Record<string, unknown>;

function makeConfig(environments: Record<string, { database?: Section; hosts?: Section }>): Config {
  const filled = Object.entries(environments).map(([name, { database, hosts }]) => [
    name,
    {
      database: {
        host: `db-${name}`,
        user: 'wp',
        password: 'unseen-password',
        name: `wp_${name}`,
        ...database,
      },
      hosts,
    },
  ]);
  const parsed = configSchema.parse({ environments: Object.fromEntries(filled) });
  const named = Object.entries(parsed.environments).map(([name, section]) => [
    name,
    { name, folder: '.', ...section },
  ]);
  return { ...parsed, file: 'wfuwp.config.yaml', findings: [], environments: Object.fromEntries(named) };
}

const check = (config: Config, probe?: Parameters<typeof checkConfig>[2]) =>
  checkConfig(config, Object.values(config.environments), probe);

describe('checkConfig', () => {
  it('connects to nothing without a probe, and shows no password', async () => {
    const result = await check(
      makeConfig({ prod: {}, stg: { database: { host: undefined, socketPath: '/run/my.sock' } } }),
    );
    expect(result).toEqual({
      file: 'wfuwp.config.yaml',
      fileFindings: [],
      environments: [
        { name: 'prod', database: 'wp@db-prod:3306/wp_prod', findings: [] },
        { name: 'stg', database: 'wp@/run/my.sock/wp_stg', findings: [] },
      ],
      findings: [],
      pair: null,
      problems: 0,
    });
  });

  it('asks all environments at the same time and counts what failed', async () => {
    let asked = 0;
    const { promise: allAsked, resolve } = Promise.withResolvers<void>();
    const probe = async ({ name }: Environment) => {
      if (++asked === 2) resolve();
      await allAsked;
      return [{ code: 'connection', outcome: 'failed', message: `${name} is down` }] as const;
    };
    expect((await check(makeConfig({ prod: {}, stg: {} }), { environment: probe })).problems).toBe(2);
  });

  it('warns of hosts that stay, in either direction', async () => {
    const { findings, problems } = await check(
      makeConfig({ prod: { hosts: { main: 'a.edu', cdn: 'cdn.a.edu' } }, stg: { hosts: { main: 'b.edu' } } }),
    );
    expect(findings).toEqual([
      {
        code: 'host_unpaired',
        outcome: 'warning',
        message: 'From prod to stg, cdn.a.edu stays as it is: stg has no host "cdn".',
        hint: 'If it shall change, add environments.stg.hosts.cdn.',
      },
    ]);
    expect(problems).toBe(0);
  });

  it('fails on hosts that can not be paired', async () => {
    const { findings } = await check(
      makeConfig({ prod: { hosts: { any: '*.a.edu' } }, stg: { hosts: { any: 'b.edu' } } }),
    );
    expect(findings.map(({ code, outcome }) => `${code} ${outcome}`)).toEqual([
      'hosts_conflict failed',
      'hosts_conflict failed',
    ]);
  });

  it('fails when a migration would fill a live database of another environment', async () => {
    const { findings } = await check(
      makeConfig({
        prod: { database: { host: 'DB' } },
        stg: { database: { host: 'db', previous: 'wp_prod' } },
        elsewhere: { database: { host: 'db', port: 3307, previous: 'wp_prod' } },
      }),
    );
    expect(findings).toMatchObject([
      {
        code: 'databases_clash',
        outcome: 'failed',
        message: '"previous" of stg is the live database of prod: wp_prod.',
      },
    ]);
  });

  it('takes servers of one name for one, but for those that are "localhost" behind different machines', async () => {
    const clashesOf = async (host: string): Promise<string[]> => {
      const { findings } = await check(
        makeConfig({
          prod: { database: { host, ssh: 'wp@one' } },
          stg: { database: { host, ssh: 'wp@two', previous: 'wp_prod' } },
        }),
      );
      return findings.map(({ code }) => code);
    };
    expect(await clashesOf('db')).toEqual(['databases_clash']);
    expect(await clashesOf('localhost')).toEqual([]);
  });
});
