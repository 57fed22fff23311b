import { describe, expect, it } from 'vitest';
import { rewriteText } from './rewrite-text.ts';

type Row = readonly [rules: string, text: string, expected: string];

function checkRows(rows: readonly Row[]): void {
  it.each(rows)('%s: %s', (rules, text, expected) => {
    expect(rewriteText(rules, text)).toBe(expected);
    expect(rewriteText(rules, expected), 'a second run').toBe(expected);
  });
}

const SCHEME = 'http://a.edu → https://b.edu';
const PATH = 'a.edu/art → b.edu/dept';
const UPLOADS = '/uploads/sites/12/ → /uploads/sites/40/';

describe('H07 H10 pairs in every form, written in the form that was found', () => {
  checkRows([
    [SCHEME, 'http://a.edu/x', 'https://b.edu/x'],
    [SCHEME, 'http:\\/\\/a.edu\\/x', 'https:\\/\\/b.edu\\/x'],
    [SCHEME, 'http:\\\\\\/\\\\\\/a.edu', 'https:\\\\\\/\\\\\\/b.edu'],
    [SCHEME, 'http:\\u002f\\u002fa.edu', 'https:\\u002f\\u002fb.edu'],
    [SCHEME, 'http%3A%2F%2Fa.edu http%3a%2f%2fa.edu', 'https%3A%2F%2Fb.edu https%3a%2f%2fb.edu'],
    [SCHEME, 'http%253A%252F%252Fa.edu', 'https%253A%252F%252Fb.edu'],
    [SCHEME, 'http:&#47;&#47;a.edu', 'https:&#47;&#47;b.edu'],
    [SCHEME, 'HTTP://A.EDU', 'https://b.edu'],
    [
      SCHEME,
      'xhttp://a.edu svn+http://a.edu //a.edu https://a.edu',
      'xhttp://a.edu svn+http://a.edu //a.edu https://a.edu',
    ],
    [SCHEME, '\\nhttp:\\/\\/a.edu %20http%3A%2F%2Fa.edu', '\\nhttps:\\/\\/b.edu %20https%3A%2F%2Fb.edu'],
    [SCHEME, 'http://a.edu:8080', 'https://b.edu:8080'],
    ['//a.edu → //b.edu', 'http://a.edu //a.edu a.edu', 'http://b.edu //b.edu a.edu'],
    ['a.edu:8080 → b.edu', 'a.edu:8080/x a.edu:80801 a.edu a.edu%3A8080', 'b.edu/x a.edu:80801 a.edu b.edu'],
    [
      'a.edu:8080 → b.edu:9090',
      'a.edu%253A8080 a.edu&#58;8080 a.edu\\u003a8080',
      'b.edu%253A9090 b.edu&#58;9090 b.edu\\u003a9090',
    ],
    [
      PATH,
      'a.edu\\\\\\/art a.edu\\u002fart a.edu&#47;art',
      'b.edu\\\\\\/dept b.edu\\u002fdept b.edu&#47;dept',
    ],
    [
      PATH,
      'a.edu\\/art a.edu/art a.edu%2Fart a.edu%252Fart',
      'b.edu\\/dept b.edu/dept b.edu%2Fdept b.edu%252Fdept',
    ],
    [UPLOADS, '/wp-content/uploads/sites/12/a.jpg', '/wp-content/uploads/sites/40/a.jpg'],
    [UPLOADS, '\\/uploads\\/sites\\/12\\/a.jpg', '\\/uploads\\/sites\\/40\\/a.jpg'],
    [UPLOADS, '%2Fuploads%2Fsites%2F12%2Fa.jpg', '%2Fuploads%2Fsites%2F40%2Fa.jpg'],
    [
      UPLOADS,
      '/uploads/sites/120/ /uploads/sites/1/ /xuploads/sites/12/',
      '/uploads/sites/120/ /uploads/sites/1/ /xuploads/sites/12/',
    ],
    [
      'wordpress-prod → wordpress-stg',
      's3://wordpress-prod/a my-wordpress-prod',
      's3://wordpress-stg/a my-wordpress-prod',
    ],
    ['my_bucket → other_bucket', 's3://my_bucket/a my_bucket2', 's3://other_bucket/a my_bucket2'],
    [
      '/srv/www/prod → /srv/www/stg',
      '/srv/www/prod/wp /srv/www/production',
      '/srv/www/stg/wp /srv/www/production',
    ],
  ]);
});

describe('H16 paths end at a segment', () => {
  const ends = [
    '/',
    '/x',
    '?x=1',
    '#x',
    '"',
    "'",
    ' ',
    '<',
    ')',
    ',',
    ';',
    '. Then',
    '.',
    '\\/',
    '\\"',
    '\\n',
    '%2F',
    '%3F',
    '%22',
    '%20',
    '&amp;',
    '”',
    '\\u201d',
    '\\u0022',
    '',
    '\u00a0',
    '–',
    '…',
    '\u2060',
    '»',
    '、',
    '\\u00a0',
    '\\u00bf',
    '\\u2000',
    '\\u206f',
    '\\u3000',
    '\\u303f',
    '..',
    '.%20x',
    ':12',
  ];
  it.each(ends)('/art ends before %j', end => {
    expect(rewriteText(PATH, `a.edu/art${end}`)).toBe(`b.edu/dept${end}`);
  });
  const goesOn = [
    's',
    '-old',
    '_x',
    '.html',
    '2',
    '%C3%A9',
    'é',
    '\\u00e9',
    '~',
    '%2Dold',
    '\\u002dold',
    '..x',
    '.%2Ex',
    '+',
    '@',
    '$',
    '=',
    '*',
    '€',
    '中',
  ];
  goesOn.push(
    'р',
    'с',
    'あ',
    '㐀',
    '\\u0080',
    '\\u00c0',
    '\\u0100',
    '\\u1fff',
    '\\u2070',
    '\\u2fff',
    '\\u3040',
    '\\u009f',
  );
  it.each(goesOn)('/art%s is another path', end => {
    expect(rewriteText(PATH, `a.edu/art${end}`)).toBe(`a.edu/art${end}`);
  });
  checkRows([
    ['a.edu → c.edu, a.edu/art → b.edu', 'a.edu/art/x a.edu/arts a.edu/x', 'b.edu/x c.edu/arts c.edu/x'],
    ['a.edu/art → x.edu, a.edu/art/deep → y.edu', 'a.edu/art/deep/1 a.edu/art/1', 'y.edu/1 x.edu/1'],
    [
      'art.a.edu → a.edu/art',
      'https://art.a.edu/x https:\\/\\/art.a.edu\\/x %2F%2Fart.a.edu',
      'https://a.edu/art/x https:\\/\\/a.edu\\/art\\/x %2F%2Fa.edu%2Fart',
    ],
    ['art.a.edu → a.edu/art', 'art.a.edu:8080/x art.a.edu%3A8080', 'a.edu:8080/art/x a.edu%3A8080%2Fart'],
    ['/a/ → /b/', '/a/a/a/', '/b/b/b/'],
    ['file:///srv/a/ → file:///srv/b/', 'file:///srv/a/x file:///srv/ab/', 'file:///srv/b/x file:///srv/ab/'],
    ['https://a.e → https://b.e', 'https://a.e/x', 'https://b.e/x'],
    ['a.edu/department → b.edu/x', 'a.edu/department/1 /department', 'b.edu/x/1 /department'],
    ['/a → /c, /a/ → /b/', '/a /a/x', '/c /b/x'],
    ['a.edu/ → b.edu/?p=', 'a.edu/x a.edu', 'b.edu/?p=x a.edu'],
    ['a.edu/?p= → b.edu/', 'a.edu/?p=x a.edu/', 'b.edu/x a.edu/'],
    ['/a_ → /b_', '/a_x /a_/ /ax', '/b_x /b_/ /ax'],
  ]);
});

describe('H14 text that already reads as the target is left', () => {
  checkRows([
    ['a.edu → a.edu/main', 'a.edu/x a.edu/main/x', 'a.edu/main/x a.edu/main/x'],
    ['a.edu → a.edu:8080', 'a.edu a.edu:8080', 'a.edu:8080 a.edu:8080'],
    ['a.edu → a.edu/?to=', 'a.edu/x a.edu/?to=x', 'a.edu/?to=/x a.edu/?to=x'],
    ['a.edu → a.edu/main', 'a.edu_x a.edu/main_x', 'a.edu/main_x a.edu/main_x'],
    ['/art → /dept/x, /dept → /y', '/art /dept/x /dept/z', '/dept/x /dept/x /y/z'],
    // Ports belong to hosts only.
    ['/art → /art/dept', '/art:80/dept', '/art/dept:80/dept'],
    ['x.edu → y.edu/art/x, /art → /dept', 'y.edu/art:80/x y.edu/art/x', 'y.edu/dept:80/x y.edu/art/x'],
    ['/art → /art/dept', '/art/x /art/dept/x', '/art/dept/x /art/dept/x'],
    ['/art → /x/art', '/art /x/art', '/x/art /x/art'],
    ['prod.edu → x-prod.edu', 'x-prod.edu prod.edu', 'x-prod.edu x-prod.edu'],
    ['x.edu → y.edu/art, /art → /dept', 'x.edu z.edu/art', 'y.edu/art z.edu/dept'],
    ['http://a.edu → https://a.edu', 'http://a.edu https://a.edu', 'https://a.edu https://a.edu'],
    ['a.edu → a.edu/main', 'a.edu:8080/x a.edu:8080/main/x', 'a.edu:8080/main/x a.edu:8080/main/x'],
    ['a.edu → a.edu/main', 'a.edu:x a.edu:8080', 'a.edu/main:x a.edu:8080/main'],
    ['a.edu → a.edu, a.edu/art → b.edu', 'a.edu a.edu/art', 'a.edu b.edu'],
    ['http://a.edu → http://a.edu, a.edu → b.edu', 'http://a.edu a.edu', 'http://a.edu b.edu'],
    [
      'a.edu → a.edu/main, http://a.edu → http://a.edu/two',
      'a.edu/main/x http://a.edu/two/x a.edu',
      'a.edu/main/x http://a.edu/two/x a.edu/main',
    ],
  ]);
});

describe('what stands around a pair decides', () => {
  checkRows([
    [
      'my_bucket → other_bucket',
      'joe@my_bucket xmy_bucket my_bucketx',
      'joe@other_bucket xmy_bucket my_bucketx',
    ],
    ['a.edu/art → b.edu/dept', 'a.edu/art:12', 'b.edu/dept:12'],
    ['bucket_x → other_x', 'joe@bucket_x', 'joe@other_x'],
    [SCHEME, 'http://a.edu_x http://a.edu+ http://a.edu~', 'https://b.edu_x https://b.edu+ https://b.edu~'],
    ['a.edu:8080 → b.edu:9090', 'a.edu:8080_x a.edu:8080x', 'b.edu:9090_x a.edu:8080x'],
    ['a.edu → b.edu:8080', 'a.edu%2Fx a.edu\\/x %2Fa.edu', 'b.edu%3A8080%2Fx b.edu:8080\\/x %2Fb.edu%3A8080'],
    [
      'cs.x.edu/a → y.test/a, *.x.edu → *.stg.test',
      'cs.x.edu/z cs.x.edu/a me@cs.x.edu',
      'cs.stg.test/z y.test/a me@cs.x.edu',
    ],
    ['*.x.edu → *.stg.test', 'a.x.edu%2Db a.x.edu\\u002db a.x.edu', 'a.x.edu%2Db a.x.edu\\u002db a.stg.test'],
    ['/a/ → /b/', '/a x/a/ /a%2F /a/', '/a x/b/ /b%2F /b/'],
  ]);
});

describe('overlapping matches: the longest', () => {
  it('takes the longer of two that overlap, and both where they do not', () => {
    expect(
      rewriteText(
        'http://a.edu → https://b.edu, /a-rather-long-path → /p',
        'http://a.edu/a-rather-long-path',
      ),
    ).toBe('https://b.edu/p');
    expect(rewriteText('a.edu/art → b.edu, /art/department → /d', 'a.edu/art/department')).toBe('a.edu/d');
  });
});
