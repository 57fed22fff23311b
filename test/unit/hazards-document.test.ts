import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');

it('docs/HAZARDS.md names tests that there are', async () => {
  const text = await readFile(join(ROOT, 'docs/HAZARDS.md'), 'utf8');
  const named = [...text.matchAll(/`(test\/[^`]+)`/g)].map(match => match[1]!);
  expect(named.length).toBeGreaterThan(30);
  expect(named.filter(path => !existsSync(join(ROOT, path)))).toEqual([]);
});
