import { expect, it } from 'vitest';
import { findColumns } from '../../../src/site/find-columns.ts';
import { samplePlan } from '../../support/sample-plan.ts';

const plan = samplePlan();
const COLUMNS = ['id', 'secret'].map(name => ({ name }));

const find = (pattern: string, table: string): string[] => {
  const planned = { source: table, target: table, engine: 'InnoDB', rows: 0, sizeBytes: 0 };
  return [...findColumns([pattern], plan, planned, COLUMNS)];
};

// As the file's own examples have it: a pattern with the prefix or the site's number in it would mean no column at all.
it.each(['acme_keys.secret', 'acme_*.secret', 'ACME_KEYS.SECRET', '*.secret'])(
  '%s means the column of every site',
  pattern => {
    expect(find(pattern, 'wp_acme_keys')).toEqual(['secret']);
    expect(find(pattern, 'wp_43_acme_keys')).toEqual(['secret']);
  },
);

it.each(['keys.secret', 'acme_keys.secre', 'acme?keys.secret'])('%s does not', pattern => {
  expect(find(pattern, 'wp_43_acme_keys')).toEqual([]);
});
