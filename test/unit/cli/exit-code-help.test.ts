import { expect, it } from 'vitest';
import { listExitCodes } from '../../../src/cli/exit-code-help.ts';

it('exit codes are those that scripts depend on, in order', () => {
  expect(listExitCodes().map(([exitCode]) => exitCode)).toEqual([
    '0',
    '1',
    '2',
    '3',
    '4',
    '10',
    '11',
    '12',
    '20',
    '130',
  ]);
});
