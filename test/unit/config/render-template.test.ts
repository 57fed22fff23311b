// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the references of the configuration file look like that.
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { completeDrafts } from '../../../src/config/complete-draft.ts';
import { draftEnvironment, draftEnvironments } from '../../../src/config/draft-environment.ts';
import { locateSchema } from '../../../src/config/locate-schema.ts';
import { parseConfig } from '../../../src/config/parse-config.ts';
import { EXAMPLE_ENVIRONMENTS, listVariables, nameVariable, renderTemplate } from '../../../src/config/render-template.ts';
import { listReadings } from '../../support/read-yaml.ts';

const env = {
  PROD_DB_PASSWORD: 'one',
  STG_DB_PASSWORD: 'two',
  _1_A_DB_PASSWORD: 'three',
  WFUWP_PSEUDONYM_KEY: 'sixteen characters',
};
const example = { environments: EXAMPLE_ENVIRONMENTS, users: 'keep' } as const;
const [prod, stg] = EXAMPLE_ENVIRONMENTS as [
  (typeof EXAMPLE_ENVIRONMENTS)[0],
  (typeof EXAMPLE_ENVIRONMENTS)[0],
];

/** With all settings that are commented out. */
function uncomment(text: string): string {
  return text.replace(/^(\s*)# ((?: {2})*(?:\w+:|- \{).*)$/gm, '$1$2').replace(/ # .*$/gm, '');
}

describe('renderTemplate', () => {
  it('is a sound configuration, in which production is protected and the other made harmless', () => {
    const parsed = parseConfig(renderTemplate(example), env);
    expect(parsed).toMatchObject({
      settings: {
        environments: {
          prod: { protected: true, safety: { policy: 'off' } },
          stg: {
            protected: false,
            safety: { policy: 'lower' },
            hosts: { main: 'stg.example.edu', any: '*.stg.example.edu' },
          },
        },
        network: { users: 'keep' },
      },
    });
    expect(renderTemplate(example)).not.toContain('media');
  });

  it('is one with all its settings that are commented out, too', () => {
    expect(parseConfig(uncomment(renderTemplate({ ...example, schema: 'x.json' })), env)).toMatchObject({
      settings: { rewrite: { pairs: [{ from: 'wordpress-prod' }] }, tables: { skipData: ['*_log'] } },
    });
  });

  it('leaves out the wildcard of a host that can have none', () => {
    const environments = [{ ...prod, mainHost: 'localhost:8080' }];
    const parsed = parseConfig(renderTemplate({ environments, users: 'merge' }), env);
    expect(parsed).toMatchObject({
      settings: {
        environments: { prod: { hosts: { main: 'localhost:8080' } } },
        network: { users: 'merge' },
      },
    });
  });

  const odd = {
    ...stg,
    name: '1-a',
    server: { host: '::1', port: 3307 },
    user: 'a: b #c',
    database: '2024-01-01',
    tablePrefix: 'on',
    mainHost: 'a.edu',
    wpConfig: '/srv/a\nb: c/wp-config.php',
  };

  it('quotes what YAML would take for something else', () => {
    const parsed = parseConfig(renderTemplate({ environments: [odd], users: 'keep' }), env);
    expect(parsed).toMatchObject({
      settings: {
        environments: {
          '1-a': {
            tablePrefix: 'on',
            database: { host: '::1', port: 3307, user: 'a: b #c', name: '2024-01-01' },
          },
        },
      },
    });
  });

  it('keeps a reference that is part of an answer', () => {
    const environments = [{ ...prod, user: 'a${X}b"${' }];
    expect(parseConfig(renderTemplate({ environments, users: 'keep' }), env)).toMatchObject({
      settings: { environments: { prod: { database: { user: 'a${X}b"${' } } } },
    });
  });

  it.each([
    ['as it is', example],
    ['with odd answers', { environments: [odd], users: 'keep' as const }],
    [
      'with words that YAML 1.1 takes for others',
      {
        environments: ['yes', 'No', 'on', 'y', '1_000', '0o17', '1:30', '~', '=', 'null', '1e3', '.inf'].map(
          word => ({ ...stg, name: `n${word.length}${word.charCodeAt(0)}`, user: word, database: word }),
        ),
        users: 'keep' as const,
      },
    ],
  ])('is the same to every YAML parser, %s', (_, answers) => {
    const text = renderTemplate({ ...answers, schema: 'schema.json' });
    for (const written of [text, uncomment(text)]) {
      const [first, ...others] = listReadings(written);
      for (const other of others) expect(other).toEqual(first);
    }
    const environments = Object.values(
      (listReadings(text)[0] as { environments: Record<string, { database: { user: unknown } }> })
        .environments,
    );
    expect(environments.map(({ database }) => database.user)).toEqual(
      answers.environments.map(({ user }) => user),
    );
  });

  it('begins with the line that editors look for', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'wfuwp-schema-'));
    const schema = await locateSchema('schema', join(folder, 'wfuwp.config.yaml'));
    expect(renderTemplate({ ...example, schema })).toMatch(
      /^# yaml-language-server: \$schema=\.\.\/\S+\.schema\.json\n/,
    );
    expect(await locateSchema(folder, 'x.yaml')).toBeUndefined();
    expect(renderTemplate(example)).not.toContain('yaml-language-server');
    const blank = join(folder, 'a b');
    execFileSync('mkdir', [blank]);
    await writeFile(join(blank, 'wfuwp.config.schema.json'), '{}');
    expect(await locateSchema(blank, join(folder, 'x.yaml'))).toMatch(/^file:\/\/\/\S+a%20b\/\S+$/);
    await rm(folder, { recursive: true });
  });
});

describe('answers of a wp-config.php', () => {
  const file = '/srv/wp/wp-config.php';

  it('are written as they are', () => {
    const draft = draftEnvironment('live', file, {
      ...{ DB_NAME: 'wp_live', DB_USER: 'wp', DB_HOST: 'localhost:/run/my.sock', $table_prefix: 'x_' },
      DOMAIN_CURRENT_SITE: 'live.example.edu',
    });
    expect(draft.gaps).toEqual([]);
    const environments = completeDrafts([draft]);
    expect(environments.map(({ name, isProduction }) => [name, isProduction])).toEqual([
      ['live', true],
      ['stg', false],
    ]);
    const text = renderTemplate({ environments, users: 'keep' });
    expect(text).toContain(
      'password: "${LIVE_DB_PASSWORD}" # DB_PASSWORD of /srv/wp/wp-config.php, which is not copied',
    );
    expect(parseConfig(text, { ...env, LIVE_DB_PASSWORD: 'x' })).toMatchObject({
      settings: {
        environments: {
          live: {
            protected: true,
            tablePrefix: 'x_',
            database: { socketPath: '/run/my.sock', user: 'wp', name: 'wp_live' },
            hosts: { main: 'live.example.edu', any: '*.live.example.edu' },
          },
        },
      },
    });
  });

  it('that are no literals become variables', () => {
    const draft = draftEnvironment('dev', file, {
      DB_NAME: null,
      DB_HOST: 'db:1:/x',
      DOMAIN_CURRENT_SITE: 'http://a',
    });
    expect(draft.gaps).toEqual([
      'DB_USER is not set there',
      'DB_NAME is no literal there',
      '$table_prefix is not set there',
      'DOMAIN_CURRENT_SITE is nothing that can be used',
    ]);
    const environments = completeDrafts([draft]);
    expect(environments.map(({ name }) => name)).toEqual(['dev', 'prod']);
    expect(listVariables(environments)).toEqual([
      'DEV_DB_USER',
      'DEV_DB_NAME',
      'DEV_TABLE_PREFIX',
      'DEV_MAIN_HOST',
      'DEV_DB_PASSWORD',
      'WFUWP_PSEUDONYM_KEY',
      'PROD_DB_PASSWORD',
    ]);
    const values = {
      DEV_DB_USER: 'u',
      DEV_DB_NAME: 'n',
      DEV_TABLE_PREFIX: 'p_',
      DEV_MAIN_HOST: 'h',
      DEV_DB_PASSWORD: '',
    };
    expect(parseConfig(renderTemplate({ environments, users: 'keep' }), { ...env, ...values })).toMatchObject(
      {
        settings: { environments: { dev: { tablePrefix: 'p_', database: { socketPath: '/x', name: 'n' } } } },
      },
    );
  });

  it.each([
    [['prod=/nowhere/wp-config.php'], 'Cannot read /nowhere/wp-config.php: there is no such file.'],
    [['/'], 'Cannot read /: it is a folder.'],
    [['package.json'], 'package.json says nothing of a database: is it a wp-config.php?'],
  ])('%s', async (entries, message) => {
    await expect(draftEnvironments(entries)).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining(message),
    });
  });
});

it('nameVariable makes a name that a shell takes', () => {
  expect(['prod', 'pre-prod', '1-a'].map(name => nameVariable(name, 'DB_PASSWORD'))).toEqual([
    'PROD_DB_PASSWORD',
    'PRE_PROD_DB_PASSWORD',
    '_1_A_DB_PASSWORD',
  ]);
});
