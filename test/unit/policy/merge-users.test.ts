import { describe, expect, it } from 'vitest';
import { createLeaveOtherSites, createLeaveUnknownUsers, createMergeUsers } from '../../../src/policy/merge-users.ts';
import { treat } from '../../support/treated.ts';

const merged = {
  map: {
    knownUpTo: 100,
    ids: [
      [2, 70],
      [70, 0],
      [5, 6],
    ] as const,
  },
  columns: ['crm_*.owner'],
};
const rules = [createLeaveUnknownUsers(merged), createMergeUsers(merged)];

describe('ids of users, where they are merged', () => {
  it.each([
    ['posts', 'post_author', 2, '70'],
    ['posts', 'post_author', 5, '6'],
    ['posts', 'post_author', 7, '7'],
    ['posts', 'post_author', 0, '0'],
    ['posts', 'post_author', 70, '0'],
    ['posts', 'post_author', 101, '0'],
    // F29
    ['posts', 'post_author', '9007199254740993', '0'],
    ['comments', 'user_id', 2, '70'],
    ['links', 'link_owner', 2, '70'],
    ['wc_orders', 'customer_id', 2, '70'],
    ['crm_deals', 'owner', 2, '70'],
    ['crm_deals', 'owner', '2', '70'],
    ['crm_deals', 'owner', 'team 2', 'team 2'],
    ['crm_deals', 'owner', '002', '070'],
    ['crm_deals', 'id', 2, '2'],
    ['posts', 'ID', 2, '2'],
    ['users', 'ID', 2, '70'],
    ['usermeta', 'user_id', 2, '70'],
    ['usermeta', 'umeta_id', 2, '2'],
  ])('%s.%s: %s → %s', (table, column, id, becomes) => {
    expect(treat(rules, table, { [column]: id }).row[column]).toBe(becomes);
  });

  it.each([
    ['users', 'ID', 101],
    ['users', 'ID', 70],
    ['usermeta', 'user_id', 101],
    ['usermeta', 'user_id', '9007199254740993'],
    ['usermeta', 'user_id', 70],
  ])('%s.%s: rows of %i, who is nobody, stay at the source', (table, column, id) => {
    expect(treat(rules, table, { [column]: id })).toMatchObject({
      outcome: 'dropped',
      counts: [{ rule: 'leave_unknown_users', rows: 1, values: 0 }],
    });
  });

  it.each(['constructor', 'toString', '__proto__'])('F10 a table by any name: %s', table => {
    expect(treat(rules, table, { ID: 2 }).row.ID).toBe('2');
  });

  it('the founder of a network', () => {
    const fields = (id: string) => ({ meta_key: 'admin_user_id', meta_value: id });
    const become = (id: string) => treat(rules, 'sitemeta', fields(id)).row.meta_value;
    expect([become('2'), become('7'), become('70')]).toEqual(['70', '7', '0']);
    expect(treat(rules, 'sitemeta', { meta_key: 'user_count', meta_value: '2' }).outcome).toBe('same');
  });

  it('postmeta that names a user', () => {
    const meta = (key: string) => treat(rules, 'postmeta', { meta_key: key, meta_value: '2' }).row.meta_value;
    expect([meta('_edit_last'), meta('_customer_user'), meta('story')]).toEqual(['70', '70', '2']);
  });

  it('an id that becomes another’s old one is not followed twice', () => {
    const chain = {
      map: {
        knownUpTo: 9,
        ids: [
          [1, 2],
          [2, 3],
          [3, 0],
        ] as const,
      },
      columns: [],
    };
    const both = [createLeaveUnknownUsers(chain), createMergeUsers(chain)];
    const author = (id: number) => treat(both, 'posts', { post_author: id }).row.post_author;
    expect([author(1), author(2), author(3)]).toEqual(['2', '3', '0']);
  });
});

describe('what somebody is on sites that do not travel', () => {
  const rule = createLeaveOtherSites('wp_', { all: new Set([1, 2, 43]), travelling: new Set([2]) });
  it.each([
    ['wp_2_capabilities', 'same'],
    ['wp_43_capabilities', 'dropped'],
    ['wp_43_any_plugin', 'dropped'],
    ['wp_999_capabilities', 'dropped'],
    ['wp_404_to_301', 'same'],
    // F29
    ['wp_9007199254740993_capabilities', 'dropped'],
    ['wp_043_any_plugin', 'same'],
    ['wp_capabilities', 'dropped'],
    ['wp_user-settings', 'dropped'],
    ['nickname', 'same'],
  ])('%s: %s', (key, outcome) => {
    expect(treat([rule], 'usermeta', { meta_key: key }).outcome).toBe(outcome);
  });
});
