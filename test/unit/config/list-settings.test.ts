import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { CONFIGURATION_DOCUMENT, renderConfigurationDocument } from '../../../scripts/write-configuration-document.ts';
import { renderSettings } from '../../../src/cli/render-settings.ts';
import { EXAMPLE_CONFIGURATION } from '../../../src/config/example-configuration.ts';
import { findSettings, guessSetting, listSettings } from '../../../src/config/list-settings.ts';
import { parseConfig } from '../../../src/config/parse-config.ts';
import { createPaint } from '../../../src/lib/paint.ts';
import { listReadings } from '../../support/read-yaml.ts';

const settings = listSettings();
const keysOf = (name: string): string[] => findSettings(settings, name).map(({ key }) => key);

it('every setting has a description, and all but sections an example', () => {
  expect(settings.length).toBeGreaterThan(90);
  for (const { key, type, description, example } of settings) {
    expect(description, key).toMatch(/^\S.*[.!]$/);
    if (type !== 'section') expect(example, `${key}: see example-configuration.ts`).toBeDefined();
  }
});

it('the examples are a sound configuration, which any parser reads', () => {
  const text = EXAMPLE_CONFIGURATION.replace(/myCnf: .*/, 'user: wp');
  expect(parseConfig(text, { PROD_DB_PASSWORD: 'x' })).toHaveProperty('settings');
  const [first, ...others] = listReadings(EXAMPLE_CONFIGURATION);
  for (const other of others) expect(other).toEqual(first);
});

it('docs/CONFIGURATION.md is what the schema says', async () => {
  const written = await readFile(CONFIGURATION_DOCUMENT, 'utf8');
  expect(written, 'Write it anew with: npm run generate').toBe(renderConfigurationDocument());
});

it('a setting is found by its key, by one with the names of a file, and by the end of it', () => {
  expect(keysOf('environments.NAME.hosts.ROLE')).toEqual(['environments.NAME.hosts.ROLE']);
  expect(keysOf('environments.prod.hosts.main')).toEqual(['environments.NAME.hosts.ROLE']);
  expect(keysOf('rewrite.pairs[3].to')).toEqual(['rewrite.pairs[].to']);
  expect(keysOf('tls.ca')).toEqual(['environments.NAME.database.tls.ca']);
  expect(keysOf('timeoutMs').length).toBeGreaterThan(3);
  expect(keysOf('nothing')).toEqual([]);
});

it('a misspelled one is guessed', () => {
  expect(guessSetting(settings, 'environments.prod.databse.host')).toBe('environments.NAME.database.host');
  expect(guessSetting(settings, 'tabelPrefix')).toBe('tablePrefix');
  expect(guessSetting(settings, 'zzzzzzzz')).toBeUndefined();
});

it('is shown with all that is known of it', () => {
  const page = { width: 100, paint: createPaint(false) };
  expect(renderSettings(findSettings(settings, 'probes.timeoutMs'), settings, page)).toMatchInlineSnapshot(`
    "probes.timeoutMs
      For one page.
      type     number
      unit     milliseconds
      default  15000
      example  timeoutMs: 15000"
  `);
  expect(renderSettings(findSettings(settings, 'limits'), settings, page)).toMatchInlineSnapshot(`
    "environments.NAME.limits
      What a run must not do to this environment.
      type     section
      example  limits: { concurrency: 8, threadsRunning: 50, replicaLagSeconds: 30 }
      holds    concurrency, threadsRunning, replicaLagSeconds"
  `);
});
