import { describe, expect, it } from 'vitest';
import { rewriteBytes, rewriteText } from './rewrite-text.ts';

const PROD = 'prod.example.edu → stg.example.edu';
const ANY = '*.example.edu → *.stg.example.edu';

/** [rules, text, what it becomes] */
type Row = readonly [rules: string, text: string, expected: string];

function checkRows(rows: readonly Row[]): void {
  it.each(rows)('%s: %s', (rules, text, expected) => {
    expect(rewriteText(rules, text)).toBe(expected);
  });
}

describe('H14 one pass over all rules, never over its own output', () => {
  checkRows([
    ['a.edu → b.edu, b.edu → a.edu', 'a.edu b.edu', 'b.edu a.edu'],
    ['a.edu → b.edu, b.edu → c.edu', 'a.edu b.edu', 'b.edu c.edu'],
    ['/art → /dept, /dept → /art', '/art /dept', '/dept /art'],
    ['x.edu → a.edu/art, a.edu → b.edu', 'x.edu a.edu/art', 'a.edu/art b.edu/art'],
    ['*.a.edu → *.b.edu, b.edu → c.edu', 'x.a.edu b.edu', 'x.b.edu c.edu'],
    [
      'www.x.edu → new.x.edu/a, *.x.edu → *.y.test',
      'www.x.edu new.x.edu/a new.x.edu/b',
      'new.x.edu/a new.x.edu/a new.y.test/b',
    ],
    ['example.edu → stg.example.edu', 'example.edu stg.example.edu', 'stg.example.edu stg.example.edu'],
    [
      'example.edu → stg.example.edu, www.example.edu → www.stg.example.edu, *.example.edu → *.stg.example.edu',
      'example.edu www.example.edu cs.example.edu www.cs.example.edu stg.example.edu cs.stg.example.edu',
      'stg.example.edu www.stg.example.edu cs.stg.example.edu www.cs.stg.example.edu stg.example.edu cs.stg.example.edu',
    ],
    [ANY, 'cs.example.edu', 'cs.stg.example.edu'],
    [ANY, 'cs.stg.example.edu stg.example.edu', 'cs.stg.example.edu stg.example.edu'],
    [
      `www.example.edu → new.example.edu, ${ANY}`,
      'new.example.edu www.example.edu',
      'new.example.edu new.example.edu',
    ],
    [
      `keep.example.edu → keep.example.edu, ${ANY}`,
      'keep.example.edu cs.example.edu',
      'keep.example.edu cs.stg.example.edu',
    ],
  ]);
});

describe('H15 a host is a maximal run of host characters', () => {
  const other = [
    'xprod.example.edu',
    'prod.example.edu.evil.com',
    'my-prod.example.edu',
    'www.prod.example.edu',
    '.prod.example.edu',
    'prod.example.educ',
    'prod.example.edu-2',
  ];
  it.each(other)('%s is another host', host => {
    for (const text of [host, `https://${host}/`, `"${host}"`, `%2F${host}`])
      expect(rewriteText(PROD, text)).toBe(text);
  });
  checkRows([
    [PROD, 'prod.example.edu', 'stg.example.edu'],
    [PROD, 'éprod.example.edué', 'éstg.example.edué'],
    [PROD, 'see prod.example.edu. And prod.example.edu...', 'see stg.example.edu. And stg.example.edu...'],
    [PROD, 'https://prod.example.edu./x', 'https://stg.example.edu./x'],
    [
      PROD,
      '\\u002fprod.example.edu \\u002Fprod.example.edu',
      '\\u002fstg.example.edu \\u002Fstg.example.edu',
    ],
    [
      PROD,
      '\\/\\/prod.example.edu\\/ \\\\\\/\\\\\\/prod.example.edu %2F%2Fprod.example.edu \\u002f\\u002fprod.example.edu',
      '\\/\\/stg.example.edu\\/ \\\\\\/\\\\\\/stg.example.edu %2F%2Fstg.example.edu \\u002f\\u002fstg.example.edu',
    ],
    [PROD, '%2Fprod.example.edu%2f %252Fprod.example.edu', '%2Fstg.example.edu%2f %252Fstg.example.edu'],
    [
      PROD,
      '\\nprod.example.edu \\\\nprod.example.edu \\tprod.example.edu',
      '\\nstg.example.edu \\\\nstg.example.edu \\tstg.example.edu',
    ],
    [PROD, '&#47;prod.example.edu &#x2f;prod.example.edu', '&#47;stg.example.edu &#x2f;stg.example.edu'],
    [PROD, '\\x2fprod.example.edu', '\\x2fstg.example.edu'],
    [PROD, '&amp;prod.example.edu x;prod.example.edu', '&amp;stg.example.edu x;stg.example.edu'],
    [
      'cafe.edu → b.edu',
      '%2F%2Fcafe.edu %252Fcafe.edu \\u002fcafe.edu \\x2fcafe.edu &#47;cafe.edu',
      '%2F%2Fb.edu %252Fb.edu \\u002fb.edu \\x2fb.edu &#47;b.edu',
    ],
  ]);
  it.each([
    'my\\u002dprod.example.edu',
    'my%2Dprod.example.edu',
    'my&#45;prod.example.edu',
    'www&period;prod.example.edu',
    'prod.example.edu\\u002dtwo',
    'prod.example.edu%2Eevil.com',
  ])('%s goes on behind an escape: another host', text => expect(rewriteText(PROD, text)).toBe(text));
});

describe('a rule that keeps something as it is', () => {
  it.each([
    ['a.edu → a.edu, *.edu → *.test', 'a.edu'],
    [`*.keep.example.edu → *.keep.example.edu, ${ANY}`, 'a.keep.example.edu'],
  ])('%s: %s is no change', (rules, text) => {
    expect(rewriteBytes(rules, text)).toMatchObject({ changed: false, matches: 0, left: [] });
  });
});

describe('hosts of many lengths', () => {
  it('a longer one is another, whatever was found before', () => {
    for (let before = 0; before < 30; before++) {
      const text = (host: string): string =>
        `${' '.repeat(before)}${host} a.edu.xyz a.edu.example.org ${host}`;
      expect(rewriteText('a.edu → b.edu', text('a.edu'))).toBe(text('b.edu'));
    }
  });
  it('a wildcard takes those that DNS knows: 253 characters', () => {
    const longer = `${'a'.repeat(300)}.test → b.test`;
    for (const rules of [ANY, `${ANY}, ${longer}`]) {
      const longest = `${'x'.repeat(253 - '.example.edu'.length)}.example.edu`;
      expect(rewriteText(rules, longest)).toBe(longest.replace('.example', '.stg.example'));
      expect(rewriteText(rules, `x${longest}`)).toBe(`x${longest}`);
    }
    expect(rewriteText(longer, `${'a'.repeat(300)}.test/`)).toBe('b.test/');
  });
});

describe('wildcards', () => {
  checkRows([
    [ANY, 'example.edu', 'example.edu'],
    [`*.keep.example.edu → *.keep.example.edu, ${ANY}`, 'a.keep.example.edu', 'a.keep.example.edu'],
    [PROD, '&toString;prod.example.edu', '&toString;stg.example.edu'],
    [ANY, 'a.b.c.example.edu', 'a.b.c.stg.example.edu'],
    [ANY, '.example.edu ..example.edu a..example.edu', '.example.edu ..example.edu a..example.edu'],
    [ANY, 'CS.Example.EDU', 'CS.stg.example.edu'],
    [
      `${ANY}, *.med.example.edu → *.m.test`,
      'a.med.example.edu a.example.edu med.example.edu',
      'a.m.test a.stg.example.edu med.stg.example.edu',
    ],
    [
      `${ANY}, cs.example.edu → informatics.test`,
      'cs.example.edu a.cs.example.edu',
      'informatics.test a.cs.stg.example.edu',
    ],
    ['*.a.edu → *.b.edu, *.b.edu → *.a.edu', 'x.a.edu x.b.edu', 'x.b.edu x.a.edu'],
  ]);
});

describe('H11 letter case, ports, protocol-relative', () => {
  checkRows([
    [PROD, 'PROD.EXAMPLE.EDU Prod.Example.Edu', 'stg.example.edu stg.example.edu'],
    ['prod.example.edu → STG.example.edu', 'prod.example.edu', 'STG.example.edu'],
    [PROD, '//prod.example.edu:8080/x', '//stg.example.edu:8080/x'],
    [
      'prod.example.edu → localhost:8881',
      'prod.example.edu/a prod.example.edu:443/a',
      'localhost:8881/a localhost:8881/a',
    ],
    ['xn--mnchen-3ya.de → stg.test', 'https://xn--mnchen-3ya.de/', 'https://stg.test/'],
  ]);
});

describe('H12 e-mail addresses', () => {
  const addresses = [
    'joe@prod.example.edu',
    'mailto:joe@prod.example.edu',
    'joe%40prod.example.edu',
    'joe&#64;prod.example.edu',
    'joe\\u0040prod.example.edu',
    'prod.example.edu@gmail.com',
    '//x.test/?a=joe@prod.example.edu',
  ];
  it.each(addresses)('%s stays by default, and is reported', text => {
    const result = rewriteBytes(PROD, text);
    expect(result).toMatchObject({ changed: false, left: ['email'] });
    expect(result.value.toString()).toBe(text);
  });
  it.each(addresses)('%s is rewritten if asked for', text => {
    expect(rewriteText(PROD, text, { emails: 'rewrite' })).toBe(text.replace('prod.', 'stg.'));
  });
  it('of a wildcard are rewritten if asked for', () => {
    expect(rewriteText(ANY, 'joe@cs.example.edu', { emails: 'rewrite' })).toBe('joe@cs.stg.example.edu');
    expect(rewriteBytes(ANY, 'joe@cs.example.edu')).toMatchObject({ changed: false, left: ['email'] });
  });
  it('takes only the host of the target', () => {
    expect(
      rewriteText('art.example.edu → example.edu/art', 'joe@art.example.edu', { emails: 'rewrite' }),
    ).toBe('joe@example.edu');
  });
  it('of a user name and password are none', () => {
    const names = ['', 'joe:p-4.5', ...Array.from('_~%:+!$*='), '%2B', 'u'.repeat(255)];
    for (const name of names)
      expect(rewriteText(PROD, `//${name}@prod.example.edu/`)).toBe(`//${name}@stg.example.edu/`);
  });
  it('are what only looks like one with a user name', () => {
    const before = [
      '@',
      'joe@',
      '/joe@',
      'x/joe@',
      ' /joe@',
      'https:/joe@',
      '//x.test/joe@',
      ...Array.from(' ,;?#&()<"é', mark => `//x${mark}joe@`),
      '//x\\u0141joe@',
      '//x&#65631;joe@',
      `//${'u'.repeat(256)}@`,
    ];
    for (const text of before.map(each => `${each}prod.example.edu`)) {
      const result = rewriteBytes(PROD, text);
      expect(result.value.toString()).toBe(text);
      expect(result).toMatchObject({ matches: 0, left: ['email'] });
    }
  });
  it('are none where nothing stands behind the @, or something else than a host', () => {
    for (const behind of [
      '@',
      '@ x',
      '@/',
      '@"',
      '%40',
      '%40%20',
      '&#64; x',
      '\\u0040',
      ' @x.test',
      '/@x.test',
    ]) {
      const result = rewriteBytes(PROD, `prod.example.edu${behind}`);
      expect(result.value.toString()).toBe(`stg.example.edu${behind}`);
      expect(result.left).toEqual([]);
    }
    for (const behind of ['%40x.test', '&#64;x.test', '\\u0040x.test'])
      expect(rewriteBytes(PROD, `prod.example.edu${behind}`)).toMatchObject({ matches: 0, left: ['email'] });
  });
  checkRows([
    [PROD, 'https://user:pass@prod.example.edu/', 'https://user:pass@stg.example.edu/'],
    [PROD, 'https:\\/\\/user:pass@prod.example.edu', 'https:\\/\\/user:pass@stg.example.edu'],
    [PROD, 'https%3A%2F%2Fuser%3Apass%40prod.example.edu', 'https%3A%2F%2Fuser%3Apass%40stg.example.edu'],
    [ANY, 'joe@cs.example.edu https://u@cs.example.edu', 'joe@cs.example.edu https://u@cs.stg.example.edu'],
  ]);
});
