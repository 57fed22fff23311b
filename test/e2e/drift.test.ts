// The world changes between a run's death and its resume: what matters is said, and nothing goes on until it is accepted.

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEnvironments, type Environments } from '../support/environments.ts';
import { checksumTables, loadNetwork } from '../support/generate-network.ts';
import { differences, loadOracle, ofType, onlyRunId, readLines } from '../support/runs.ts';

const NETWORK = { sites: 2, scale: 0.02 };
const RIGHTS = 'SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, ALTER, INDEX, REFERENCES';

let pair: Environments;
let id: string;
/** Databases: another source with the same content, and an empty one on the target. */
let elsewhere: { source: string; target: string };

beforeAll(async () => {
  const names = ['%', '%_incoming', '%_previous', '%_other'];
  pair = await createEnvironments({
    ...NETWORK,
    live: { ...NETWORK, domain: 'stg.example.edu', seed: 2 },
    targetGrants: names.map(name => `GRANT ${RIGHTS} ON ${name}.*`),
  });
  const { source, target } = pair;
  elsewhere = { source: `${source.database}_other`, target: `${target.database}_other` };
  await loadNetwork(source.server, elsewhere.source, NETWORK);
  await target.server.query(`CREATE DATABASE ${elsewhere.target} CHARACTER SET utf8mb4`);
  let reader = '';
  await pair.configure(({ environments: { prod, stg } }) => {
    reader = prod.database.user;
    // Else they follow the name of the live one.
    Object.assign(stg.database, { staging: target.staging, previous: target.previous });
  });
  await source.server.query(`GRANT SELECT ON ${elsewhere.source}.* TO '${reader}'@'%'`);
  pair.env.WFUWP_KILL_AT = 'after migration.started';
  const { signal, stderr } = await pair.start('env-migrate', 'prod', 'stg', '--yes');
  delete pair.env.WFUWP_KILL_AT;
  expect(signal, stderr).toBe('SIGKILL');
  id = await onlyRunId(pair);
});
afterAll(async () => {
  await pair.source.server.query(`DROP DATABASE IF EXISTS ${elsewhere.source}`);
  await pair.target.server.query(`DROP DATABASE IF EXISTS ${elsewhere.target}`);
  await pair[Symbol.asyncDispose]();
});

interface Change {
  readonly what: string;
  readonly said: string;
  make(): Promise<unknown>;
  revert(): Promise<unknown>;
}

type Configure = Parameters<Environments['configure']>[0];

function configured(what: string, said: string, set: Configure, unset: Configure): Change {
  return { what, said, make: () => pair.configure(set), revert: () => pair.configure(unset) };
}

function onSource(what: string, said: string, make: string, revert: string): Change {
  const query = (sql: string): Promise<unknown> =>
    pair.source.server.query(`USE ${pair.source.database}; ${sql}`);
  return { what, said, make: () => query(make), revert: () => query(revert) };
}

/** No drift: what has another id is another target, whatever is accepted. */
const TARGET_DATABASE = configured(
  "the target's database",
  '',
  ({ environments }) => {
    environments.stg.database.name = elsewhere.target;
  },
  ({ environments }) => {
    environments.stg.database.name = pair.target.database;
  },
);

const CHANGES: readonly Change[] = [
  configured(
    "the source's database",
    "The source's database was ",
    ({ environments }) => {
      environments.prod.database.name = elsewhere.source;
    },
    ({ environments }) => {
      environments.prod.database.name = pair.source.database;
    },
  ),
  {
    what: "the source's prefix",
    said: "The source's tablePrefix was wp_ and is wq_.",
    make: async () => {
      await loadNetwork(pair.source.server, pair.source.database, { ...NETWORK, prefix: 'wq_' });
      await pair.configure(({ environments }) => {
        environments.prod.tablePrefix = 'wq_';
      });
    },
    revert: () =>
      pair.configure(({ environments }) => {
        delete environments.prod.tablePrefix;
      }),
  },
  configured(
    "the target's prefix",
    "The target's tablePrefix was wp_ and is wq_.",
    ({ environments }) => {
      environments.stg.tablePrefix = 'wq_';
    },
    ({ environments }) => {
      delete environments.stg.tablePrefix;
    },
  ),
  configured(
    'the staging database',
    'The staging database was ',
    ({ environments }) => {
      environments.stg.database.staging = elsewhere.target;
    },
    ({ environments }) => {
      environments.stg.database.staging = pair.target.staging;
    },
  ),
  configured(
    'the previous database',
    'The previous database was ',
    ({ environments }) => {
      environments.stg.database.previous = elsewhere.target;
    },
    ({ environments }) => {
      environments.stg.database.previous = pair.target.previous;
    },
  ),
  configured(
    'a host',
    'The rules for rewriting in the configuration have changed.',
    ({ environments }) => {
      environments.stg.hosts.main = 'other.example.edu';
    },
    ({ environments }) => {
      environments.stg.hosts.main = 'stg.example.edu';
    },
  ),
  configured(
    'what happens to e-mail addresses',
    'The rules for rewriting in the configuration have changed.',
    config => {
      config.rewrite = { emails: 'rewrite' };
    },
    config => {
      delete config.rewrite;
    },
  ),
  configured(
    'the columns that are left alone',
    'The rules for rewriting in the configuration have changed.',
    config => {
      config.rewrite = { skipColumns: ['posts.guid'] };
    },
    config => {
      delete config.rewrite;
    },
  ),
  onSource(
    'a site that is gone',
    'The source has no site 3 any more',
    'UPDATE wp_blogs SET blog_id = 303 WHERE blog_id = 3',
    'UPDATE wp_blogs SET blog_id = 3 WHERE blog_id = 303',
  ),
  onSource(
    'a table that is gone',
    'Of site 3 these tables are gone: wp_3_links.',
    'RENAME TABLE wp_3_links TO away_links',
    'RENAME TABLE away_links TO wp_3_links',
  ),
  onSource(
    'a table that is new',
    'Of site 3 these tables are new: wp_3_plugin.',
    'CREATE TABLE wp_3_plugin (id INT PRIMARY KEY)',
    'DROP TABLE wp_3_plugin',
  ),
  onSource(
    'a network table that is gone',
    'Of network tables these tables are gone: wp_blogmeta.',
    'RENAME TABLE wp_blogmeta TO away_blogmeta',
    'RENAME TABLE away_blogmeta TO wp_blogmeta',
  ),
];

describe('what has changed since the plan was made', () => {
  it.each(CHANGES)('$what: refused with what it is, and accepted with the flag', async change => {
    await change.make();
    try {
      const before = await takePicture();
      const { exitCode, stderr } = await pair.run('env-migrate', '--resume', id, '--yes');
      expect(stderr).toContain(`Since the plan of ${id} was made:`);
      expect(stderr).toContain(change.said);
      expect(stderr).toContain('--accept plan_drift');
      expect(exitCode).toBe(4);
      const accept = ['--accept', 'plan_drift', '--dry-run', '--json'];
      const accepted = await pair.run('env-migrate', '--resume', id, ...accept);
      expect(accepted.exitCode, accepted.stderr + accepted.stdout).toBe(0);
      expect(JSON.parse(accepted.stdout)).toMatchObject({
        siteIds: [0, 1, 2, 3].map(() => expect.any(Number)),
      });
      expect(await takePicture()).toEqual(before);
    } finally {
      await change.revert();
    }
  });

  it("of the target's database can't be accepted: another one has another id", async () => {
    const change = TARGET_DATABASE;
    await change.make();
    try {
      const before = await takePicture();
      for (const flags of [[], ['--accept', 'plan_drift']]) {
        const { exitCode, stderr } = await pair.run('env-migrate', '--resume', id, '--yes', ...flags);
        expect(stderr).toContain('has no id of its own');
        expect(exitCode).toBe(4);
      }
      expect(await takePicture()).toEqual(before);
    } finally {
      await change.revert();
    }
  });

  it('and is not any more: it goes on without asking; accepted, it goes on by the plan as it was made', async () => {
    const dry = await pair.run('env-migrate', '--resume', id, '--dry-run', '--json');
    expect(dry.exitCode, dry.stderr).toBe(0);
    await pair.configure(({ environments }) => {
      environments.stg.hosts.main = 'other.example.edu';
      environments.stg.database.staging = elsewhere.target;
    });
    const { exitCode, stderr } = await pair.run(
      'env-migrate',
      '--resume',
      id,
      '--yes',
      '--accept',
      'plan_drift',
    );
    expect(exitCode, stderr).toBe(0);
    const lines = await readLines(join(pair.cwd, 'logs', id));
    expect(ofType(lines, 'migration.resumed')).toMatchObject([{ forced: true }]);
    expect(await differences(pair, await loadOracle(pair.target.server, NETWORK))).toEqual([]);
    expect(await checksumTables(pair.target.server, elsewhere.target)).toEqual(new Map());
  });
});

/** All that a refused resume must leave as it is. */
async function takePicture(): Promise<unknown> {
  const folder = join(pair.cwd, 'logs', id);
  const names = (await readdir(folder)).filter(name => !name.endsWith('.d'));
  const { server, database, staging, previous } = pair.target;
  return [
    await checksumTables(pair.source.server, pair.source.database),
    ...(await Promise.all(
      [database, staging, previous, elsewhere.target].map(name => checksumTables(server, name)),
    )),
    await Promise.all(names.map(name => readFile(join(folder, name), 'utf8'))),
  ];
}
