import { describe, expect, it } from 'vitest';
import { compileTreatment } from '../../../src/policy/compile-treatment.ts';
import { createFindEmptied } from '../../../src/policy/find-emptied.ts';
import type { RowRule } from '../../../src/policy/row-rule.ts';
import { createSkipRows } from '../../../src/policy/skip-rows.ts';
import { treat } from '../../support/treated.ts';

describe('H52 rows that stay at the source', () => {
  const rule = createSkipRows('skip_rows', [
    'options.option_name=_transient_*',
    'options.option_name=_site_transient_*',
    'options.autoload=never',
    'postmeta.meta_key=_edit_lock',
    'postmeta.meta_key=*_cache',
  ]);

  it.each([
    ['options', { option_name: '_transient_feed' }, 'dropped'],
    ['options', { option_name: '_site_transient_x' }, 'dropped'],
    ['options', { option_name: '_TRANSIENT_feed' }, 'dropped'],
    ['options', { option_name: 'my_transient_feed' }, 'same'],
    ['options', { option_name: '_transien' }, 'same'],
    ['options', { option_name: null }, 'same'],
    ['options', { option_name: '', autoload: 'never' }, 'dropped'],
    ['postmeta', { meta_key: '_edit_lock' }, 'dropped'],
    ['postmeta', { meta_key: '_edit_lock_2' }, 'same'],
    ['postmeta', { meta_key: 'page\n_cache' }, 'dropped'],
    ['postmeta', { option_name: '_transient_feed' }, 'untouched table'],
    ['2_options', { option_name: '_transient_feed' }, 'untouched table'],
  ])('%s %o: %s', (table, fields, outcome) => {
    expect(treat([rule], table, fields).outcome).toBe(outcome);
  });

  it('counts each row once, by the first rule that leaves it', () => {
    const second = createSkipRows('again', ['options.option_name=_transient_*']);
    const { counts } = treat([rule, second], 'options', { option_name: '_transient_feed' });
    expect(counts).toEqual([{ rule: 'skip_rows', rows: 1, values: 0 }]);
  });
});

describe('H52 tables whose structure alone travels', () => {
  it.each([
    ['actionscheduler_logs', 'skip_data'],
    ['ACTIONSCHEDULER_LOGS', 'skip_data'],
    ['plugin_log', 'skip_data'],
    ['plugin_log_2', null],
    ['actionscheduler_actions', null],
  ])('%s: %s', (table, rule) => {
    const findEmptied = createFindEmptied({
      skipData: ['actionscheduler_logs', '*_log'],
      skipRows: [],
      safety: null,
    });
    expect(findEmptied(table)).toBe(rule);
  });
});

describe('a treatment', () => {
  const replaceWith = (name: string, text: string): RowRule => ({
    name,
    compile: () => row => {
      row.replace(0, Buffer.from(text));
      return 1;
    },
  });

  it('lets each rule see what the one before it has left', () => {
    const seen: string[] = [];
    const look: RowRule = {
      name: 'look',
      compile: () => row => {
        seen.push(row.value(0).toString());
        return 0;
      },
    };
    const { outcome, counts } = treat([replaceWith('first', 'a'), look, replaceWith('last', 'b')], 'posts', {
      title: 'x',
    });
    expect(seen).toEqual(['a']);
    expect(outcome).toBe('changed');
    expect(counts).toEqual([
      { rule: 'first', rows: 0, values: 1 },
      { rule: 'last', rows: 0, values: 1 },
    ]);
  });

  it('is none for a table that no rule knows', () => {
    expect(compileTreatment([], { name: 'posts', columns: [] })).toBeNull();
  });

  it('refuses a table whose texts it could not read, instead of letting keys pass', () => {
    expect(() =>
      treat([replaceWith('blank_keys', '')], 'options', { v: 'x' }, { isRewritable: false }),
    ).toThrow(/options\.v: in a character set that blank_keys can't read/);
  });
});
