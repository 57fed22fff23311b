// Each rule of the safety policy on the rows that it is for, and on those it must leave alone.

import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { createFindEmptied } from '../../../src/policy/find-emptied.ts';
import { listRules } from '../../../src/policy/list-rules.ts';
import { type PlannedSafety, SAFETY_RULES, type SafetyRule } from '../../../src/policy/planned-treatment.ts';
import { type Fields, treat } from '../../support/treated.ts';

const safety = (over: Partial<PlannedSafety> = {}): PlannedSafety => ({
  rules: SAFETY_RULES,
  staff: [],
  staffIds: [],
  columns: [],
  keyDigest: null,
  ...over,
});

const list = (over: Partial<PlannedSafety>, key: string | null = 'a key of sixteen and more') =>
  listRules({ skipData: [], skipRows: [], safety: safety(over) }, key);

/** What one rule leaves of a row; null: it is dropped. */
function apply(rule: SafetyRule, table: string, fields: Fields, over: Partial<PlannedSafety> = {}) {
  const { outcome, row, counts } = treat(list({ rules: [rule], ...over }), table, fields);
  if (outcome === 'changed') expect(counts).toEqual([{ rule, rows: 0, values: expect.any(Number) }]);
  return outcome === 'dropped' ? null : row;
}

const applyOption = (rule: SafetyRule, name: string, value: string): string | null | undefined =>
  apply(rule, 'options', { option_name: name, option_value: value })?.option_value;

describe('the rules of a policy', () => {
  it.each(['README.md', 'docs/SAFETY.md'])('are all explained in %s', async path => {
    const text = await readFile(new URL(`../../../${path}`, import.meta.url), 'utf8');
    expect(SAFETY_RULES.filter(rule => !text.includes(`| \`${rule}\` |`))).toEqual([]);
  });

  it('are those that are on, in a fixed order, each by its name', () => {
    expect(list({}).map(rule => rule.name)).toEqual(SAFETY_RULES);
    expect(list({ rules: ['hold_cron', 'stop_mail'] }).map(rule => rule.name)).toEqual([
      'stop_mail',
      'hold_cron',
    ]);
    expect(list({ rules: [] })).toEqual([]);
  });

  it('have nothing to do with most tables', () => {
    expect(treat(list({}), 'posts', { post_content: 'jane@example.edu' }).outcome).toBe('untouched table');
  });

  it.each([
    ['woocommerce_sessions', 'drop_sessions'],
    ['mailpoet_sending_queues', 'stop_mail'],
    ['woocommerce_api_keys', 'blank_keys'],
    ['posts', null],
  ])('empty tables that hold nothing else: %s', (table, rule) => {
    expect(createFindEmptied({ skipData: [], skipRows: [], safety: safety() })(table)).toBe(rule);
    expect(
      createFindEmptied({ skipData: [], skipRows: [], safety: safety({ rules: [] }) })(table),
    ).toBeNull();
  });
});

describe('H57 block_search_engines', () => {
  it('hides the site, in its settings and in the list of blogs', () => {
    expect(applyOption('block_search_engines', 'blog_public', '1')).toBe('0');
    expect(applyOption('block_search_engines', 'blog_public', '0')).toBe('0');
    expect(applyOption('block_search_engines', 'blogname', '1')).toBe('1');
    expect(apply('block_search_engines', 'blogs', { blog_id: 4, public: 1 })).toEqual({
      blog_id: '4',
      public: '0',
    });
  });
});

describe('H52 drop_transients, drop_sessions', () => {
  it.each<[SafetyRule, string, Fields, boolean]>([
    ['drop_transients', 'options', { option_name: '_transient_x' }, true],
    ['drop_transients', 'sitemeta', { meta_key: '_site_transient_x' }, true],
    ['drop_transients', 'options', { option_name: 'transient' }, false],
    ['drop_sessions', 'usermeta', { meta_key: 'session_tokens' }, true],
    ['drop_sessions', 'usermeta', { meta_key: '_woocommerce_persistent_cart_43' }, true],
    ['drop_sessions', 'usermeta', { meta_key: 'nickname' }, false],
  ])('%s: %s %o', (rule, table, fields, isDropped) => {
    expect(apply(rule, table, fields) === null).toBe(isDropped);
  });
});

describe('H56 hold_cron', () => {
  const cron = 'a:2:{i:1795224985;a:1:{s:3:"pay";a:1:{i:7;s:1:"x";}}s:7:"version";i:2;}';

  it('puts events off by a hundred years, and changes nothing else in them', () => {
    const due = 1_795_224_985 + 36_525 * 86_400;
    expect(applyOption('hold_cron', 'cron', cron)).toBe(cron.replace('1795224985', String(due)));
  });

  it.each([
    ['a broken list is emptied', 'a:2:{i:1795224985;', 'a:1:{s:7:"version";i:2;}'],
    ['an empty one stays', '', ''],
    ['so does one without events', 'a:1:{s:7:"version";i:2;}', 'a:1:{s:7:"version";i:2;}'],
  ])('%s', (_, value, expected) => {
    expect(applyOption('hold_cron', 'cron', value)).toBe(expected);
  });

  it.each([
    ['pending', '2126-01-01 00:00:00', 'pending'],
    ['in-progress', '2126-01-01 00:00:00', 'pending'],
    ['complete', '2026-01-01 00:00:00', 'complete'],
  ])('holds actions that are %s', (status, date, after) => {
    const fields = {
      status,
      scheduled_date_gmt: '2026-01-01 00:00:00',
      scheduled_date_local: '2026-01-01 00:00:00',
    };
    expect(apply('hold_cron', 'actionscheduler_actions', fields)).toEqual({
      status: after,
      scheduled_date_gmt: date,
      scheduled_date_local: date,
    });
  });

  it('writes times as the column prints them', () => {
    const fields = { status: 'pending', scheduled_date_gmt: '2026-01-01 01:02:03.456' };
    const after = apply('hold_cron', 'actionscheduler_actions', fields);
    expect(after).toMatchObject({ scheduled_date_gmt: '2126-01-01 00:00:00.000' });
    const rules = list({ rules: ['hold_cron'] });
    const { row } = treat(rules, 'actionscheduler_actions', fields, { dataType: 'timestamp' });
    expect(row.scheduled_date_gmt).toBe('2037-12-31 00:00:00.000');
  });

  it('pauses webhooks', () => {
    expect(apply('hold_cron', 'wc_webhooks', { status: 'active' })).toEqual({ status: 'paused' });
    expect(apply('hold_cron', 'wc_webhooks', { status: 'disabled' })).toEqual({ status: 'disabled' });
  });
});

describe('H55 stop_mail', () => {
  it.each([
    ['wp_mail_smtp', 'a:1:{s:4:"host";s:1:"x";}', ''],
    ['swpsmtp_options', 'x', ''],
    ['wp_mail_smtp', '', ''],
    ['admin_email', 'x', 'x'],
  ])('%s', (name, value, expected) => {
    expect(applyOption('stop_mail', name, value)).toBe(expected);
  });
});

describe('H58, H59 blank_keys', () => {
  it.each([
    ['a plain key', 'mailchimp_api_key', 'k-us1', ''],
    ['whole settings', 'jetpack_private_options', 'a:1:{s:10:"blog_token";s:3:"a.b";}', ''],
    ['a salt', 'auth_salt', 'pepper', ''],
    [
      'under a name in an array',
      'woocommerce_stripe_settings',
      'a:3:{s:5:"title";s:4:"Card";s:10:"secret_key";s:7:"sk_live";s:15:"publishable_key";s:7:"pk_live";}',
      'a:3:{s:5:"title";s:4:"Card";s:10:"secret_key";s:0:"";s:15:"publishable_key";s:0:"";}',
    ],
    [
      'however deep, however spelt',
      'tantan_wordpress_s3',
      'a:1:{s:3:"aws";a:2:{s:13:"access-key-id";s:4:"AKIA";s:15:"secretAccessKey";s:2:"ab";}}',
      'a:1:{s:3:"aws";a:2:{s:13:"access-key-id";s:0:"";s:15:"secretAccessKey";s:0:"";}}',
    ],
    [
      'in JSON',
      'plugin',
      '{"ui":"x","auth":{"refreshToken":"1/\\/ab"}}',
      '{"ui":"x","auth":{"refreshToken":""}}',
    ],
    ['in broken data', 'plugin', 'a:9:{s:7:"api_key";s:3:"abc";}', ''],
    [
      'broken data without a key stays',
      'plugin',
      'a:9:{s:5:"color";s:3:"red";}',
      'a:9:{s:5:"color";s:3:"red";}',
    ],
    ['what is none stays', 'theme', 'a:1:{s:7:"keyword";s:3:"abc";}', 'a:1:{s:7:"keyword";s:3:"abc";}'],
    ['roles stay', 'wp_43_user_roles', 'a:1:{s:5:"admin";a:0:{}}', 'a:1:{s:5:"admin";a:0:{}}'],
  ])('%s', (_, name, value, expected) => {
    expect(applyOption('blank_keys', name, value)).toBe(expected);
  });

  it('blanks application passwords, reset keys and webhook secrets', () => {
    expect(
      apply('blank_keys', 'usermeta', { meta_key: '_application_passwords', meta_value: 'x' }),
    ).toMatchObject({
      meta_value: '',
    });
    expect(apply('blank_keys', 'usermeta', { meta_key: 'nickname', meta_value: 'x' })).toMatchObject({
      meta_value: 'x',
    });
    expect(apply('blank_keys', 'users', { user_activation_key: 'x' })).toEqual({ user_activation_key: '' });
    expect(apply('blank_keys', 'wc_webhooks', { secret: 'x' })).toEqual({ secret: '' });
  });
});

describe('H60 remove_analytics', () => {
  it.each([
    ['a setting', 'wc_facebook_pixel_id', '123456', ''],
    [
      'in a snippet',
      'head',
      "<script>gtag('config', 'G-AB12CD34EF')</script>",
      "<script>gtag('config', 'G-XX00XX00XX')</script>",
    ],
    [
      'in an array, lengths stay right',
      'theme',
      'a:1:{s:2:"ga";s:13:"UA-12345678-9";}',
      'a:1:{s:2:"ga";s:13:"UA-00000000-0";}',
    ],
    ['of a tag manager', 'x', 'GTM-ABC123', 'GTM-XXX000'],
    ['of a pixel', 'x', "fbq('init', '1234567890')", "fbq('init', '0000000000')"],
    ['what only looks like one stays', 'x', 'G-CODE, UA-parser, page UA-1', 'G-CODE, UA-parser, page UA-1'],
  ])('%s', (_, name, value, expected) => {
    expect(applyOption('remove_analytics', name, value)).toBe(expected);
  });
});

describe('H54 anonymise_people', () => {
  const jane = {
    ID: 7,
    user_login: 'jane',
    user_pass: '$P$Bhash',
    user_nicename: 'jane',
    user_email: 'Jane@Example.edu',
    user_url: 'https://jane.example.edu',
    display_name: 'Jane Doe',
  };
  const anonymise = (table: string, fields: Fields, over: Partial<PlannedSafety> = {}) =>
    apply('anonymise_people', table, fields, over);

  it('makes a user nobody, whose login still works for matching', () => {
    expect(anonymise('users', jane)).toEqual({
      ID: '7',
      user_login: 'jane',
      user_pass: '*',
      user_nicename: 'jane',
      user_email: expect.stringMatching(/^person-[0-9a-f]{12}@example\.invalid$/),
      user_url: '',
      display_name: expect.stringMatching(/^Person [0-9a-f]{12}$/),
    });
  });

  it('gives a person the same pseudonym in every table and spelling, and with another key another', () => {
    const inUsers = anonymise('users', jane)!.user_email;
    const inComments = anonymise('comments', {
      comment_author_email: 'jane@example.edu',
    })!.comment_author_email;
    const inOrders = anonymise('wc_orders', { billing_email: ' jane@example.edu' })!.billing_email;
    const inMeta = anonymise('usermeta', {
      user_id: 7,
      meta_key: 'billing_email',
      meta_value: 'jane@example.edu',
    });
    expect([inComments, inOrders, inMeta!.meta_value]).toEqual([inUsers, inUsers, inUsers]);
    const other = treat(list({ rules: ['anonymise_people'] }, 'another key of sixteen'), 'users', jane);
    expect(other.row.user_email).not.toBe(inUsers);
    expect(anonymise('users', { ...jane, user_email: 'joe@example.edu' })!.user_email).not.toBe(inUsers);
  });

  it('takes an address that is a login out of it, and out of the page address made from it', () => {
    const user = anonymise('users', {
      ...jane,
      user_login: 'jane@example.edu',
      user_nicename: 'jane-example-edu',
    })!;
    expect(user.user_login).toBe(user.user_email);
    expect(user.user_nicename).toBe(user.user_email!.replaceAll(/[@.]/g, '-'));
  });

  it.each([
    ['by login', { staff: ['JANE'] }],
    ['by address', { staff: ['jane@example.edu'] }],
    ['by domain', { staff: ['@example.edu'] }],
    ['by id', { staffIds: ['7'] }],
  ])('leaves staff as they are, %s', (_, over) => {
    expect(anonymise('users', jane, over)).toMatchObject({
      user_email: 'Jane@Example.edu',
      user_pass: '$P$Bhash',
    });
  });

  it('knows staff in other tables', () => {
    const over = { staff: ['@example.edu'], staffIds: ['7'] };
    const name = { user_id: 7, meta_key: 'first_name', meta_value: 'Jane' };
    expect(anonymise('usermeta', name, over)!.meta_value).toBe('Jane');
    expect(anonymise('usermeta', { ...name, user_id: 8 }, over)!.meta_value).not.toBe('Jane');
    const comment = { user_id: 0, comment_author: 'Jane', comment_author_email: 'jane@example.edu' };
    expect(anonymise('comments', comment, over)!.comment_author).toBe('Jane');
    expect(
      anonymise('comments', { ...comment, comment_author_email: 'jane@other.edu' }, over)!.comment_author,
    ).not.toBe('Jane');
    expect(anonymise('wc_orders', { billing_email: 'jane@example.edu' }, over)!.billing_email).toBe(
      'jane@example.edu',
    );
    // A part of a domain is another one.
    expect(
      anonymise('wc_orders', { billing_email: 'jane@my.example.edu' }, over)!.billing_email,
    ).not.toContain('jane');
  });

  it('cleans comments, and the addresses in their text', () => {
    const comment = anonymise('comments', {
      comment_author: 'Jane',
      comment_author_email: 'jane@example.edu',
      comment_author_url: 'https://jane.example.edu',
      comment_author_IP: '192.0.2.1',
      comment_agent: 'Mozilla',
      comment_content: 'Write to jane@example.edu, see logo@2x.png.',
    })!;
    expect(comment).toMatchObject({ comment_author_url: '', comment_author_IP: '', comment_agent: '' });
    expect(comment.comment_content).toBe(`Write to ${comment.comment_author_email}, see logo@2x.png.`);
  });

  it('changes only addresses in settings that hold some', () => {
    const admin = applyOption('anonymise_people', 'admin_email', 'jane@example.edu');
    expect(admin).toMatch(/^person-/);
    expect(applyOption('anonymise_people', 'blogname', 'jane@example.edu')).toBe('jane@example.edu');
    const admins = 'a:2:{i:0;s:4:"root";i:1;s:16:"jane@example.edu";}';
    expect(
      apply('anonymise_people', 'sitemeta', { meta_key: 'site_admins', meta_value: admins })!.meta_value,
    ).toBe(`a:2:{i:0;s:4:"root";i:1;s:${admin!.length}:"${admin}";}`);
  });

  it.each([
    ['an address', 'jane@example.edu', /^person-[0-9a-f]{12}@example\.invalid$/],
    ['a name', 'Jane', /^Person [0-9a-f]{12}$/],
    ['text with an address in it', 'Jane <jane@example.edu>', /^Person [0-9a-f]{12}$/],
    ['an IP address', '192.0.2.1', /^0\.0\.0\.0$/],
    ['a longer one', '2001:db8::1', /^0\.0\.0\.0$/],
    ['nothing', '', /^$/],
    ['serialized', 'a:1:{i:0;s:4:"Jane";}', /^a:1:\{i:0;s:19:"Person [0-9a-f]{12}";\}$/],
    ['JSON', '{"name":{"value":"Jane"}}', /^\{"name":\{"value":"Person [0-9a-f]{12}"\}\}$/],
  ])('makes pseudonyms of what is in named columns: %s', (_, text, expected) => {
    const row = anonymise('clinic_visits', { patient: text, note: 'x' }, { columns: ['clinic_*.patient'] })!;
    expect(row.patient).toMatch(expected);
    expect(row.note).toBe('x');
  });

  it('fits the column, makes numbers 0 and bytes nothing, and refuses what it can not change', () => {
    const [rules] = [list({ rules: ['anonymise_people'], columns: ['t.a'] })];
    const of = (column: object) => treat(rules, 't', { a: '5551234' }, column).row.a;
    expect(of({ maxLength: 8 })).toMatch(/^Person [0-9a-f]$/);
    // A CHAR keeps no space at its end.
    expect(of({ maxLength: 7 })).toBe('Person');
    const noText = { isText: false, isRewritable: false };
    expect(of({ ...noText, dataType: 'bigint' })).toBe('0');
    const price = treat(rules, 't', { a: '-12.500' }, { ...noText, dataType: 'decimal' });
    expect(price.row.a).toBe('0.000');
    expect(of({ ...noText, dataType: 'varbinary', isBinary: true })).toBe('');
    expect(of({ ...noText, dataType: 'binary', isBinary: true })).toBe('\0'.repeat(7));
    for (const columnType of ['point', 'datetime(3)', "enum('a')", 'int(5) unsigned zerofill']) {
      const [dataType = ''] = columnType.split(/\W/);
      expect(() => of({ ...noText, dataType, columnType, isBinary: dataType === 'point' })).toThrow(
        `column of type ${columnType}`,
      );
    }
  });

  it('refuses a misspelled column, instead of letting people pass', () => {
    const visit = { patient: 'Jane', note: 'x' };
    expect(() => anonymise('visits', visit, { columns: ['visits.patiant'] })).toThrow(
      /visits\.patiant is to be anonymised, but visits has no such column/,
    );
    expect(anonymise('visits', visit, { columns: ['*.patiant', 'visits.p*', 'other.x'] })!.note).toBe('x');
  });

  it('does not make pseudonyms of pseudonyms', () => {
    const [once] = [anonymise('t', { a: 'Jane', b: 'jane@example.edu' }, { columns: ['t.*'] })!];
    expect(anonymise('t', once, { columns: ['t.*'] })).toEqual(once);
  });
});
