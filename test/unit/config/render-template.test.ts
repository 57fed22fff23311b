import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../../src/config/parse-config.ts';
import {
  EXAMPLE_ENVIRONMENTS,
  passwordVariable,
  renderTemplate,
} from '../../../src/config/render-template.ts';

const env = {
  PROD_DB_PASSWORD: 'one',
  STG_DB_PASSWORD: 'two',
  _1_A_DB_PASSWORD: 'three',
  WFUWP_PSEUDONYM_KEY: 'sixteen characters',
};

describe('renderTemplate', () => {
  it('is a sound configuration', () => {
    const parsed = parseConfig(renderTemplate(EXAMPLE_ENVIRONMENTS), env);
    expect(parsed).toMatchObject({
      settings: { environments: { stg: { hosts: { main: 'stg.example.edu', any: '*.stg.example.edu' } } } },
    });
  });

  it('is one with all its settings that are commented out, too', () => {
    const text = renderTemplate(EXAMPLE_ENVIRONMENTS)
      .replace(/^(\s*)# ((?: {2})*(?:\w+:|- \{).*)$/gm, '$1$2')
      .replace(/ # .*$/gm, '');
    expect(parseConfig(text, env)).toMatchObject({
      settings: { rewrite: { pairs: [{ from: 'wordpress-prod' }] }, tables: { skipData: ['*_log'] } },
    });
  });

  it('leaves out the wildcard of a host that can have none', () => {
    const [example] = EXAMPLE_ENVIRONMENTS;
    const parsed = parseConfig(renderTemplate([{ ...example!, mainHost: 'localhost:8080' }]), env);
    expect(parsed).toMatchObject({
      settings: { environments: { prod: { hosts: { main: 'localhost:8080' } } } },
    });
  });

  it('quotes what YAML would take for something else', () => {
    const odd = {
      name: '1-a',
      databaseHost: 'null',
      databaseUser: 'a: b #c',
      databaseName: '2024',
      mainHost: 'a.edu',
    };
    const parsed = parseConfig(renderTemplate([odd]), env);
    expect(parsed).toMatchObject({
      settings: { environments: { '1-a': { database: { host: 'null', user: 'a: b #c', name: '2024' } } } },
    });
  });
});

it('passwordVariable makes a name that a shell takes', () => {
  expect(['prod', 'pre-prod', '1-a'].map(passwordVariable)).toEqual([
    'PROD_DB_PASSWORD',
    'PRE_PROD_DB_PASSWORD',
    '_1_A_DB_PASSWORD',
  ]);
});
