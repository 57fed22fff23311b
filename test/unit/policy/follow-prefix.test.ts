import { describe, expect, it } from 'vitest';
import { createFollowPrefix } from '../../../src/policy/follow-prefix.ts';
import { treat } from '../../support/treated.ts';

const rule = (from: string, to: string) => createFollowPrefix({ from, to }, new Set([1, 2, 43]));

describe('H23 names that begin with the table prefix', () => {
  it.each([
    ['options', 'option_name', 'wp_user_roles', 'stg9_user_roles'],
    ['options', 'option_name', 'wp_43_user_roles', 'stg9_43_user_roles'],
    ['options', 'option_name', 'wp_page_for_privacy_policy', 'wp_page_for_privacy_policy'],
    ['options', 'option_name', 'wp_43_capabilities', 'wp_43_capabilities'],
    ['options', 'option_name', 'wp_user_roles_backup', 'wp_user_roles_backup'],
    ['usermeta', 'meta_key', 'wp_capabilities', 'stg9_capabilities'],
    ['usermeta', 'meta_key', 'wp_43_capabilities', 'stg9_43_capabilities'],
    ['usermeta', 'meta_key', 'wp_2_user_level', 'stg9_2_user_level'],
    ['usermeta', 'meta_key', 'wp_user-settings', 'stg9_user-settings'],
    ['usermeta', 'meta_key', 'wp_user-settings-time', 'stg9_user-settings-time'],
    [
      'usermeta',
      'meta_key',
      'wp_2_dashboard_quick_press_last_post_id',
      'stg9_2_dashboard_quick_press_last_post_id',
    ],
    ['usermeta', 'meta_key', 'wp_2_any_plugin', 'stg9_2_any_plugin'],
    ['usermeta', 'meta_key', 'wp_999_capabilities', 'stg9_999_capabilities'],
    ['usermeta', 'meta_key', 'wp_404_to_301', 'wp_404_to_301'],
    ['usermeta', 'meta_key', 'wp_2fa_secret', 'wp_2fa_secret'],
    ['usermeta', 'meta_key', 'nickname', 'nickname'],
    ['usermeta', 'meta_key', 'xwp_capabilities', 'xwp_capabilities'],
    ['postmeta', 'meta_key', 'wp_capabilities', 'wp_capabilities'],
  ])('%s.%s %s → %s', (table, column, name, renamed) => {
    expect(treat([rule('wp_', 'stg9_')], table, { [column]: name }).row[column]).toBe(renamed);
  });

  it.each([
    ['wp_', 'wp_stg_', 'wp_capabilities', 'wp_stg_capabilities'],
    ['wp_', 'wp_stg_', 'wp_2_capabilities', 'wp_stg_2_capabilities'],
    ['wp_stg_', 'wp_', 'wp_stg_capabilities', 'wp_capabilities'],
    ['wp_', 'wp_43_', 'wp_capabilities', 'wp_43_capabilities'],
    ['wp_', 'wp_43_', 'wp_43_capabilities', 'wp_43_43_capabilities'],
    ['wp7', 'wp', 'wp7capabilities', 'wpcapabilities'],
  ])('%s → %s, where one is part of the other: %s → %s', (from, to, name, renamed) => {
    expect(treat([rule(from, to)], 'usermeta', { meta_key: name }).row.meta_key).toBe(renamed);
  });

  it.each([
    ['usermeta', 'meta_key', 'stg9_capabilities'],
    ['usermeta', 'meta_key', 'stg9_2_anything'],
    ['options', 'option_name', 'STG9_user_roles'],
  ])('leaves at the source what would stand beside the renamed: %s.%s %s', (table, column, name) => {
    expect(treat([rule('wp_', 'stg9_')], table, { [column]: name }).outcome).toBe('dropped');
  });

  it('never cuts a name that does not fit', () => {
    const { outcome } = treat([rule('w_', 'longer_')], 'usermeta', { meta_key: 'w_2_x' }, { maxLength: 8 });
    expect(outcome).toBe('same');
  });
});
