// C7 A script that was written for the predecessor runs on.

import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { explainOldFlags, oldFlags, respell } from '../../../src/cli/old-flags.ts';

test('each old flag that was given is explained in one line, and no other', () => {
  const lines = explainOldFlags({ 'skip-s3': true, 'work-dir': '/tmp/x', 'keep-files': false, yes: true });
  expect(lines).toEqual([
    '--skip-s3 does nothing: media files are not moved by this version.',
    '--work-dir does nothing: nothing is written to disk on the way; the folder of the run directories is --log-dir.',
  ]);
});

test.each([
  [
    ['--verify', '--yes'],
    ['--verify=checksum', '--yes'],
  ],
  [['--verify'], ['--verify=checksum']],
  [
    ['prod', 'stg', '--verify', 'off'],
    ['prod', 'stg', '--verify', 'off'],
  ],
  [
    ['--archive-backups', 'previous', '-y'],
    ['--archive-backups', '-y'],
  ],
  [
    ['previous', 'new'],
    ['previous', 'new'],
  ],
])('%j is read as %j', (argv, expected) => {
  expect(respell(argv)).toEqual(expected);
});

test('the guide for who comes from there has every one of them', async () => {
  const guide = await readFile('docs/guides/coming-from-the-old-script.md', 'utf8');
  const named = Object.keys(oldFlags).filter(flag => guide.includes(`\`--${flag}`));
  expect(named).toEqual(Object.keys(oldFlags));
});
