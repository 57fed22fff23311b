import { describe, expect, it } from 'vitest';
import { findClosest } from '../../../src/lib/find-closest.ts';

describe('findClosest', () => {
  it.each([
    ['tablePrefx', ['tablePrefix', 'hosts'], 'tablePrefix'],
    ['usr', ['user', 'name'], 'user'],
    ['stgg', ['prod', 'stg'], 'stg'],
    ['table_prefix', ['tablePrefix'], 'tablePrefix'],
    ['Hosts', ['hosts'], 'hosts'],
    ['dry-rnu', ['dry-run', 'force'], 'dry-run'],
    ['ab', ['ba'], 'ba'],
  ])('%s of %j means %s', (word, candidates, expected) => {
    expect(findClosest(word, candidates)).toBe(expected);
  });

  it.each([
    ['passwort-manager', ['user', 'name']],
    ['x', ['prod', 'stg']],
    ['anything', []],
  ])('makes no wild guess at %s', (word, candidates) => {
    expect(findClosest(word, candidates)).toBeUndefined();
  });

  it('prefers the nearer one', () => {
    expect(findClosest('hosts', ['posts', 'host', 'hosts'])).toBe('hosts');
  });
});
