import { describe, expect, it } from 'vitest';
import { pairHosts } from '../../../src/config/pair-hosts.ts';

describe('pairHosts', () => {
  it('pairs by role, in the order of the source', () => {
    const source = { main: 'www.example.edu', any: '*.example.edu', cdn: 'cdn.example.edu' };
    const target = { any: '*.stg.example.edu', cdn: 'cdn.stg.example.edu', main: 'stg.example.edu' };
    expect(pairHosts(source, target)).toEqual({
      rules: [
        { from: 'www.example.edu', to: 'stg.example.edu' },
        { from: '*.example.edu', to: '*.stg.example.edu' },
        { from: 'cdn.example.edu', to: 'cdn.stg.example.edu' },
      ],
      unpaired: [],
    });
  });

  it('names the roles that the target lacks', () => {
    expect(pairHosts({ main: 'a.edu', cdn: 'cdn.a.edu' }, { main: 'b.edu', extra: 'c.edu' })).toEqual({
      rules: [{ from: 'a.edu', to: 'b.edu' }],
      unpaired: ['cdn'],
    });
  });

  it('finds no role that every object has', () => {
    expect(pairHosts({ constructor: 'a.edu' } as Record<string, string>, {}).unpaired).toEqual([
      'constructor',
    ]);
  });

  it('refuses a wildcard on one side only', () => {
    expect(() => pairHosts({ any: '*.a.edu' }, { any: 'b.edu' })).toThrow(
      /"any" is a wildcard on one side only/,
    );
    expect(() => pairHosts({ any: 'a.edu' }, { any: '*.b.edu' })).toThrow(
      /"any" is a wildcard on one side only/,
    );
  });

  it('refuses one host that would become two', () => {
    const source = { main: 'a.edu', alias: 'A.edu' };
    expect(() => pairHosts(source, { main: 'b.edu', alias: 'c.edu' })).toThrow(
      /would become both "b.edu" and "c.edu"/,
    );
    expect(pairHosts(source, { main: 'b.edu', alias: 'b.edu' }).rules).toHaveLength(2);
  });
});
