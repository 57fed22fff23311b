import { describe, expect, it } from 'vitest';
import { blamePairs, chooseRules } from '../../../src/cli/rewrite-flags.ts';
import { MigrationError } from '../../../src/errors.ts';

describe('chooseRules', () => {
  it('pairs each --from with the --to in the same place', () => {
    expect(chooseRules({ from: ['a.edu', '*.b.edu'], to: ['c.edu', '*.d.edu'] })).toEqual({
      kind: 'pairs',
      pairs: [
        { from: 'a.edu', to: 'c.edu' },
        { from: '*.b.edu', to: '*.d.edu' },
      ],
    });
  });

  it('takes two environments', () => {
    expect(chooseRules({ source: 'prod', target: 'stg' })).toEqual({
      kind: 'environments',
      source: 'prod',
      target: 'stg',
    });
  });

  it.each([
    [{}, 'Say what becomes what.'],
    [{ from: ['a.edu'] }, '1 --from and 0 --to. ("--from a.edu" has no partner.)'],
    [{ to: ['a.edu'] }, '0 --from and 1 --to. ("--to a.edu" has no partner.)'],
    [{ from: ['a.edu', 'b.edu'], to: ['c.edu'] }, '("--from b.edu" has no partner.)'],
    [{ from: ['a.edu'], to: ['b.edu'], source: 'prod', target: 'stg' }, 'not from both'],
    [{ to: ['b.edu'], source: 'prod' }, 'not from both'],
    [{ source: 'prod' }, '--target is missing'],
    [{ target: 'prod' }, '--source is missing'],
    [{ source: 'prod', target: 'prod' }, 'are both "prod": nothing would change'],
  ])('refuses %j', (flags, message) => {
    expect(() => chooseRules(flags)).toThrow(expect.objectContaining({ code: 'usage' }));
    expect(() => chooseRules(flags)).toThrow(message);
  });
});

describe('blamePairs', () => {
  it('makes a bad rule of the command line a matter of usage', () => {
    const error = blamePairs(new MigrationError('config_invalid', 'The rule is bad.'));
    expect(error).toMatchObject({ code: 'usage', message: 'The rule is bad.', exitCode: 2 });
  });

  it('leaves any other error', () => {
    const bug = new TypeError('bug');
    expect(blamePairs(bug)).toBe(bug);
  });
});
