import { describe, expect, it } from 'vitest';
import { listRules } from '../../../src/policy/list-rules.ts';
import type { PlannedTreatment } from '../../../src/policy/planned-treatment.ts';
import { findRemade } from '../../../src/policy/refresh-permalinks.ts';
import { treat } from '../../support/treated.ts';

const NONE: PlannedTreatment = { skipData: [], skipRows: [], safety: null };
const ON: PlannedTreatment = { ...NONE, refreshPermalinks: true };
const rules = { option_name: 'rewrite_rules', option_value: 'a:1:{s:8:"stale/?$";s:9:"index.php";}' };

describe('H61 compiled permalinks', () => {
  it('arrive empty, and are counted', () => {
    const { outcome, row, counts } = treat(listRules(ON, null), 'options', rules);
    expect([outcome, row.option_value]).toEqual(['changed', '']);
    expect(counts).toEqual([{ rule: 'refresh_permalinks', rows: 0, values: 1 }]);
  });

  it.each([
    ['options', { ...rules, option_value: '' }],
    ['options', { ...rules, option_name: 'my_rewrite_rules' }],
    ['options', { ...rules, option_name: 'permalink_structure' }],
    ['sitemeta', { meta_key: 'rewrite_rules', meta_value: 'a:0:{}' }],
  ])('leave %s %o as it is', (table, fields) => {
    expect(treat(listRules(ON, null), table, fields).outcome).not.toBe('changed');
  });

  it('travel when it is switched off, and in plans of older versions', () => {
    expect(listRules({ ...NONE, refreshPermalinks: false }, null)).toEqual([]);
    expect(listRules(NONE, null)).toEqual([]);
  });

  it('are the only values of the target that comparisons take for empty', () => {
    expect(findRemade(ON, 'options')).toMatchObject({ column: 'option_value', names: ['rewrite_rules'] });
    expect([findRemade(ON, 'posts'), findRemade(NONE, 'options'), findRemade(undefined, 'options')]).toEqual([
      null,
      null,
      null,
    ]);
  });
});
