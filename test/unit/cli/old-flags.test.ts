// C7 A script that was written for the predecessor runs on.

import { expect, test } from 'vitest';
import { explainOldFlags, respell } from '../../../src/cli/old-flags.ts';

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
