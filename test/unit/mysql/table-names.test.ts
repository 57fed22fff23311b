import { describe, expect, it } from 'vitest';
import { quoteName, sitePrefix, tableOwners } from '../../../src/mysql/table-names.ts';

const CORE = ['posts', 'options'];
const tablesOf = (prefix: string, ...ids: number[]): string[] =>
  ids.flatMap(id => CORE.map(table => sitePrefix(prefix, id) + table));

describe('tableOwners', () => {
  const tables = [
    ...tablesOf('wp_', 1, 2, 11, 43, 99),
    'wp_404_to_301',
    'wp_2fa_log',
    'wp_4_posts',
    'wp_users',
    'wp_blogs',
    'wp_redirects',
    'other_posts',
  ];
  const ownerOf = tableOwners('wp_', [1, 2, 11, 43], tables);

  it.each([
    ['H21 wp_11_ is not wp_1_', 'wp_11_posts', { kind: 'site', siteId: 11, suffix: 'posts' }],
    ['H21 wp_43_ is not wp_4_', 'wp_43_options', { kind: 'site', siteId: 43, suffix: 'options' }],
    ['H22 site 1 has no number', 'wp_posts', { kind: 'site', siteId: 1, suffix: 'posts' }],
    ['H22 plugin tables of site 1', 'wp_redirects', { kind: 'site', siteId: 1, suffix: 'redirects' }],
    ['H22 digits that are no blog id', 'wp_404_to_301', { kind: 'site', siteId: 1, suffix: '404_to_301' }],
    ['H22 digits glued to letters', 'wp_2fa_log', { kind: 'site', siteId: 1, suffix: '2fa_log' }],
    ['H25 tables without a site', 'wp_99_posts', { kind: 'orphan', blogId: '99', suffix: 'posts' }],
    ['H25 a deleted site beside a longer id', 'wp_4_posts', { kind: 'orphan', blogId: '4', suffix: 'posts' }],
    ['the whole network', 'wp_blogs', { kind: 'global', suffix: 'blogs' }],
    ['users', 'wp_users', { kind: 'global', suffix: 'users' }],
    ['a line break in it', 'wp_2_a\nb', { kind: 'site', siteId: 2, suffix: 'a\nb' }],
    ['our own', 'wfuwp_lease', { kind: 'own' }],
    ['another application', 'other_posts', { kind: 'foreign' }],
  ])('%s: %s', (_why, table, owner) => {
    expect(ownerOf(table)).toEqual(owner);
  });

  it('F29 compares ids as text: long ones, and zeros in front', () => {
    const [odd, other] = ['9007199254740993', '9007199254740992'];
    const names = [odd, other, '18446744073709551615', '18446744073709551614'].map(id => `wp_${id}_posts`);
    const owner = tableOwners('wp_', [1, 2, 999_999_999_999_999], [...names, 'wp_02_posts'], [odd]);
    expect(owner(`wp_${odd}_posts`)).toEqual({ kind: 'odd', blogId: odd, suffix: 'posts' });
    expect(owner(`wp_${odd}_crm`)).toEqual({ kind: 'odd', blogId: odd, suffix: 'crm' });
    expect(owner(`wp_${other}_posts`)).toEqual({ kind: 'orphan', blogId: other, suffix: 'posts' });
    expect(owner(names[2]!)).toEqual({ kind: 'orphan', blogId: '18446744073709551615', suffix: 'posts' });
    expect(owner('wp_02_posts')).toEqual({ kind: 'site', siteId: 1, suffix: '02_posts' });
    expect(owner('wp_999999999999999_posts')).toMatchObject({ kind: 'site', siteId: 999_999_999_999_999 });
  });

  it('H23 takes a prefix that ends in a digit and an underscore', () => {
    const owner = tableOwners('wp_2_', [1, 3], ['wp_2_posts', 'wp_2_3_posts', 'wp_2_3_options']);
    expect(owner('wp_2_3_posts')).toEqual({ kind: 'site', siteId: 3, suffix: 'posts' });
    expect(owner('wp_2_posts')).toEqual({ kind: 'site', siteId: 1, suffix: 'posts' });
  });

  it('H23 takes a prefix without an underscore', () => {
    const owner = tableOwners('wp', [1, 5], ['wpposts', 'wp5_posts']);
    expect(owner('wp5_posts')).toEqual({ kind: 'site', siteId: 5, suffix: 'posts' });
    expect(owner('wpposts')).toEqual({ kind: 'site', siteId: 1, suffix: 'posts' });
  });
});

describe('quoteName', () => {
  it('doubles back-ticks and joins with dots', () => {
    expect(quoteName('a`b', 'c-d')).toBe('`a``b`.`c-d`');
  });
});
