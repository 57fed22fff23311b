import { expect, it } from 'vitest';
import { nameLogically } from '../../../src/migration/name-logically.ts';
import { findColumns } from '../../../src/site/find-columns.ts';
import { samplePlan } from '../../support/sample-plan.ts';

const plan = samplePlan();
const COLUMNS = ['id', 'secret'].map(name => ({ name }));

const find = (pattern: string, table: string, siteId: number): string[] => [
  ...findColumns([pattern], nameLogically(table, siteId, plan), COLUMNS),
];

// As the file's own examples have it: a pattern with the prefix or the site's number in it would mean no column at all.
it.each(['acme_keys.secret', 'acme_*.secret', 'ACME_KEYS.SECRET', '*.secret'])(
  '%s means the column of every site',
  pattern => {
    expect(find(pattern, 'wp_acme_keys', 1)).toEqual(['secret']);
    expect(find(pattern, 'wp_43_acme_keys', 43)).toEqual(['secret']);
  },
);

it.each(['keys.secret', 'acme_keys.secre', 'acme?keys.secret'])('%s does not', pattern => {
  expect(find(pattern, 'wp_43_acme_keys', 43)).toEqual([]);
});

it('H22 a number in the name of a table of site 1 is part of its name', () => {
  expect(find('404_to_301.secret', 'wp_404_to_301', 1)).toEqual(['secret']);
  expect(find('to_301.secret', 'wp_404_to_301', 1)).toEqual([]);
  expect(find('404_to_301.secret', 'wp_43_404_to_301', 43)).toEqual(['secret']);
});
