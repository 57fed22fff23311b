import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { withExitCodes } from '../../../scripts/write-exit-codes.ts';

it('README.md has the exit codes of src/errors.ts (else: npm run generate)', async () => {
  const readme = await readFile(new URL('../../../README.md', import.meta.url), 'utf8');
  expect(readme).toContain('| 130 | interrupted');
  expect(readme).toBe(withExitCodes(readme));
});
