import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { MANIFEST_FILE, renderManifest } from '../../../scripts/write-manifest.ts';

it('the committed manifest is that of the commands', async () => {
  const committed = await readFile(MANIFEST_FILE, 'utf8');
  expect(committed, 'Write it anew with: npm run generate').toBe(await renderManifest());
});
