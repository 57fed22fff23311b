import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { withExitCodes } from '../../../scripts/write-exit-codes.ts';
import { parseConfig } from '../../../src/config/parse-config.ts';
import { listReadings } from '../../support/read-yaml.ts';

it('README.md has the exit codes of src/errors.ts (else: npm run generate)', async () => {
  const readme = await readFile(new URL('../../../README.md', import.meta.url), 'utf8');
  expect(readme).toContain('| 130 | interrupted');
  expect(readme).toBe(withExitCodes(readme));
});

it('every YAML in README.md is YAML to any parser, and the first one is a whole configuration', async () => {
  const readme = await readFile(new URL('../../../README.md', import.meta.url), 'utf8');
  const blocks = [...readme.matchAll(/^( *)```yaml\n([\s\S]*?)^ *```$/gm)].map(([, indent = '', text = '']) =>
    text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  );
  expect(blocks.length).toBeGreaterThan(3);
  for (const text of blocks) {
    const [first, ...others] = listReadings(text);
    for (const other of others) expect(other).toEqual(first);
  }
  const env = { PROD_DB_PASSWORD: 'a', STG_DB_PASSWORD: 'b' };
  expect(parseConfig(blocks[0]!, env)).toMatchObject({
    settings: { environments: { prod: { protected: true }, stg: { protected: false } } },
  });
});
