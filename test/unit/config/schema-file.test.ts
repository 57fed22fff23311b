import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { renderSchema, SCHEMA_FILE } from '../../../scripts/write-schema.ts';

it('the published JSON Schema is that of the program', async () => {
  const published = await readFile(SCHEMA_FILE, 'utf8');
  expect(published, 'Write it anew with: npm run generate').toBe(renderSchema());
});
