import { describe, expect, it } from 'vitest';
import { judgeHome, judgeLogin } from '../../../src/http/judge-page.ts';
import type { Page } from '../../../src/http/request-page.ts';
import { createFindSource } from '../../../src/phases/find-source.ts';

const HOME = new URL('https://stg.example.edu/art/');
const findSource = createFindSource({
  rules: [
    { from: 'prod.example.edu', to: 'stg.example.edu' },
    { from: '*.prod.example.edu', to: '*.stg.example.edu' },
  ],
  emails: 'leave',
});

const aPage = (over: Partial<Page> & { readonly text?: string } = {}): Page => ({
  status: 200,
  location: null,
  body: Buffer.from(over.text ?? '<html>Hello</html>'),
  isCut: false,
  latencyMs: 12,
  ...over,
});

describe('a home page', () => {
  it('that is sound passes all tests', () => {
    expect(judgeHome(aPage(), HOME, findSource)).toEqual([
      { test: 'http_status', error: null },
      { test: 'http_source_redirect', error: null },
      { test: 'http_source_host', error: null },
    ]);
  });

  it.each<[string, Partial<Page> & { text?: string }, string, string | null]>([
    ['an error', { status: 500 }, 'http_status', 'answered 500'],
    ['a missing page', { status: 404 }, 'http_status', 'answered 404'],
    ['a white page', { text: '' }, 'http_status', 'answered 200 with an empty page'],
    ['a redirect to nowhere', { status: 302 }, 'http_status', 'answered 302 without saying where to go'],
    ['a redirect to itself', { status: 301, location: '/art/' }, 'http_status', 'answered 301, to itself'],
    [
      'a site that WordPress does not know',
      { status: 302, location: 'https://stg.example.edu/wp-signup.php?new=art' },
      'http_status',
      'answered 302 to https://stg.example.edu/wp-signup.php?new=art: WordPress does not know the site',
    ],
    ['a login', { status: 302, location: 'https://login.example.org/sso' }, 'http_status', null],
    [
      'a redirect to the source',
      { status: 301, location: 'https://PROD.example.edu/art/' },
      'http_source_redirect',
      'redirects to the source: https://PROD.example.edu/art/',
    ],
    [
      'a redirect that names the source in a parameter',
      { status: 302, location: '/wp-login.php?redirect_to=https%3A%2F%2Fprod.example.edu%2F' },
      'http_source_redirect',
      'redirects to the source: /wp-login.php?redirect_to=https%3A%2F%2Fprod.example.edu%2F',
    ],
    [
      'H07 the source in JSON, and a sub-domain of it',
      { text: String.raw`{"a":"https:\/\/prod.example.edu\/","b":"//img.prod.example.edu/x.png"}` },
      'http_source_host',
      'names the source 2 times: prod.example.edu, img.prod.example.edu',
    ],
    ['H12 an address', { text: 'joe@prod.example.edu' }, 'http_source_host', null],
    ['H15 other hosts', { text: 'prod.example.edu.evil.com xprod.example.edu' }, 'http_source_host', null],
    ['the target', { text: 'https://stg.example.edu/' }, 'http_source_host', null],
    [
      'a host that was cut off',
      { text: 'Hello https://prod.example.edu', isCut: true },
      'http_source_host',
      null,
    ],
    [
      'a host before the cut',
      { text: 'https://prod.example.edu/ and mo', isCut: true },
      'http_source_host',
      'names the source 1 time: prod.example.edu',
    ],
  ])('%s', (_, page, test, error) => {
    const verdicts = judgeHome(aPage(page), HOME, findSource);
    expect(verdicts.find(verdict => verdict.test === test)).toEqual({ test, error });
  });

  it('that did not come has only that to be told of it', () => {
    expect(judgeHome(new Error('no answer within 2 s'), HOME, findSource)).toEqual([
      { test: 'http_status', error: 'no answer within 2 s' },
    ]);
  });
});

it.each<[string, Partial<Page> & { text?: string }, string | null]>([
  ['a form', { text: '<form>' }, null],
  ['a redirect to another login', { status: 302, location: 'https://login.example.org/' }, null],
  ['an error', { status: 503 }, '/art/wp-login.php: answered 503'],
  [
    'the source in it',
    { text: 'prod.example.edu' },
    '/art/wp-login.php: names the source 1 time: prod.example.edu',
  ],
])('a login page: %s', (_, page, error) => {
  const url = new URL('wp-login.php', HOME);
  expect(judgeLogin(aPage(page), url, findSource)).toEqual({ test: 'http_login', error });
});
