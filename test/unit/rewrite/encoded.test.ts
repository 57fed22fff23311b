// H10 text that is escaped as a whole: serialized data in it counts the bytes before escaping.

import { describe, expect, it } from 'vitest';
import { createRewriter } from '../../../src/rewrite/rewriter.ts';
import { parseRules, php, rewriteBytes, rewriteText } from './rewrite-text.ts';

const RULES = 'prod.example.edu → stg.example.edu';
const HOST = 'prod.example.edu';

/** As PHP's htmlspecialchars() does. */
function escapeHtml(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#039;',
  };
  return text.replace(/[&<>"']/g, char => entities[char]!);
}

/** As PHP's urlencode() does. */
function escapeUrl(text: string): string {
  return encodeURIComponent(text)
    .replace(/[!'()*~]/g, char => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');
}

function escapeJson(text: string): string {
  return JSON.stringify(text).slice(1, -1).replaceAll('/', '\\/');
}

type Escape = (text: string) => string;

const ESCAPES: Readonly<Record<string, Escape>> = {
  'HTML entities': escapeHtml,
  'HTML entities, quotes in decimal': text => text.replaceAll('"', '&#34;'),
  'HTML entities, quotes in decimal with zeros': text => text.replaceAll('"', '&#034;'),
  'HTML entities, quotes in hex': text => text.replaceAll('"', '&#x22;'),
  'HTML entities twice': text => escapeHtml(escapeHtml(text)),
  'a URL': escapeUrl,
  'a URL, lower-case hex': text => escapeUrl(text).replace(/%../g, hex => hex.toLowerCase()),
  'a URL twice': text => escapeUrl(escapeUrl(text)),
  'a URL as JavaScript encodes it': encodeURI,
  'a URL in HTML': text => escapeHtml(escapeUrl(text)),
  'HTML in a URL': text => escapeUrl(escapeHtml(text)),
  'JSON in a URL': text => escapeUrl(escapeJson(text)),
  'JSON in HTML': text => escapeHtml(escapeJson(text)),
  'HTML in JSON, & as \\u0026': text => escapeHtml(text).replaceAll('&', '\\u0026'),
  'quotes as \\x22': text => text.replaceAll('"', '\\x22'),
};

const VALUES: Readonly<Record<string, (host: string) => string>> = {
  'a string': host => php(`https://${host}/`),
  'an array': host => `a:2:{${php('url')}${php(`https://${host}/ü <b> & 'x'`)}i:0;${php(host)}}`,
  'an object': host => `O:8:"stdClass":1:{${php('url')}${php(host)}}`,
  'serialized in serialized': host => `a:1:{i:0;${php(`a:1:{i:0;${php(`//${host}`)}}`)}}`,
};

/** Where escaped text stands. */
const AROUND: Readonly<Record<string, Escape>> = {
  'by itself': text => text,
  'in an attribute': text => `<input name="a" value="${text}"> `,
  'in a query': text => `https://x.test/?a=b&data=${text}&b=c `,
  'in a serialized string': text => `a:1:{i:0;${php(text)}}`,
};

describe('H10 lengths follow in text that is escaped', () => {
  for (const [around, surround] of Object.entries(AROUND)) {
    describe(around, () => {
      for (const [how, spell] of Object.entries(ESCAPES)) {
        it.each(Object.entries(VALUES))(`${how}: %s`, (_, build) => {
          const expected = surround(spell(build('stg.example.edu')));
          const result = rewriteBytes(RULES, surround(spell(build(HOST))));
          expect(result.value.toString()).toBe(expected);
          expect(result.left).toEqual([]);
          expect(rewriteText(RULES, expected)).toBe(expected);
        });
      }
    });
  }

  it('a pair is written in the form that was found', () => {
    const build = (url: string): string => escapeUrl(`a:1:{i:0;${php(url)}}`);
    expect(rewriteText('http://a.edu → https://b.edu/x', build('http://a.edu/'))).toBe(
      build('https://b.edu/x/'),
    );
    expect(rewriteText('a.edu → b.edu:8080', escapeHtml(php('a.edu "x"')))).toBe(
      escapeHtml(php('b.edu:8080 "x"')),
    );
    expect(rewriteText('a.edu → b.edu:8080', escapeUrl(php('a.edu')))).toBe(escapeUrl(php('b.edu:8080')));
  });
});

describe('H05 H10 broken data in text that is escaped is left and reported', () => {
  const broken = [`s:99:"${HOST}";`, `a:2:{i:0;${php(HOST)}}`, `a:1:{i:0;${php(HOST)}`, `s:16:"${HOST}"`];
  for (const [how, spell] of Object.entries(ESCAPES)) {
    it.each(broken)(`${how}: %s`, value => {
      const text = `<i title="${spell(value)}"> `;
      const result = rewriteBytes(RULES, text);
      expect(result.value.toString()).toBe(text);
      expect(result).toMatchObject({ changed: false, left: ['broken_serialized'] });
    });
  }
  it('where an entity is unknown, its length is too', () => {
    const text = `s:18:&quot;${HOST}&eacute;&quot;;`;
    expect(rewriteBytes(RULES, text)).toMatchObject({ changed: false, left: ['broken_serialized'] });
  });
  it('the text around is rewritten', () => {
    const around = (host: string): string =>
      `<a href="//${host}" title="s:5:&quot;${HOST}&quot;;">${host}</a> https://${host}/?x=s%3A5%3A%22${HOST}%22%3B ${host}`;
    expect(rewriteText(RULES, around(HOST))).toBe(around('stg.example.edu'));
  });
});

describe('H10 serialized data whose colons are escaped', () => {
  const colons: Readonly<Record<string, string>> = {
    entities: '&#58;',
    'entities in hex': '&#x3a;',
    JSON: '\\u003a',
    'percent signs': '%3A',
    'percent signs twice': '%253a',
  };
  const quotes = ['&quot;', '%22', '\\u0022', '%2522'];
  for (const [how, colon] of Object.entries(colons)) {
    // `%22` is a bare quote already where the colons are encoded once more.
    it.each(quotes.filter(quote => colon !== '%253a' || quote !== '%22'))(
      `${how}: lengths follow behind %s`,
      quote => {
        const spell = (host: string): string =>
          `x ${php(host).replaceAll(':', colon).replaceAll('"', quote)} ${host}`;
        expect(rewriteText(RULES, spell(HOST))).toBe(spell('stg.example.edu'));
      },
    );
    it.each(['"', '\\"'])(`${how}: left and reported behind a bare %s`, quote => {
      if (how === 'JSON' && quote !== '"') return;
      const builders = [php(HOST), `a:1:{i:0;${php(HOST)}}`, `a:1:{i:0;${php('x')}i:1;${php(HOST)}}`];
      for (const value of builders) {
        const text = `x ${value.replaceAll(':', colon).replaceAll('"', quote)} y`;
        expect(rewriteBytes(RULES, text)).toMatchObject({ changed: false, left: ['broken_serialized'] });
      }
    });
  }
  it('left and reported where only some of them are', () => {
    for (const text of [
      `a%3A1%3A{i:0;${php(HOST)}}`,
      `a:1:{i:0;s%3A16%3A"${HOST}";}`,
      `a&#58;1&#58;{i:0;${php(HOST)}}`,
    ]) {
      const result = rewriteBytes(RULES, `x ${text} y`);
      expect(result).toMatchObject({ changed: false, left: ['broken_serialized'] });
    }
  });
});

describe('H10 layers', () => {
  it('one without a host leaves nothing of the one before', () => {
    const around = (host: string): string =>
      `<i a="${escapeHtml(php(host))}" b="${escapeHtml(php('x'))}" c="${escapeHtml(php(`/${host}`))}"> ${host}`;
    expect(rewriteText(RULES, around(HOST))).toBe(around('stg.example.edu'));
  });
  it.each([15, 16, 17, 40])('%i of them: right, or left and reported', count => {
    const spell = (host: string): string => {
      let text = php(host);
      for (let i = 0; i < count; i++) text = text.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
      return `${host} ${text}`;
    };
    const result = rewriteBytes(RULES, spell(HOST));
    const expected = count <= 16 ? spell('stg.example.edu') : spell(HOST).replace(HOST, 'stg.example.edu');
    expect(result.value.toString()).toBe(expected);
    expect(result.left).toEqual(count <= 16 ? [] : ['too_deep']);
  });
  it.each([15, 16, 17, 40])('%i strings of S:, one in another: right, or left and reported', count => {
    const spell = (host: string): string => {
      let text = host;
      for (let i = 0; i < count; i++) text = `S:${text.length + 1}:"${text.replaceAll('\\', '\\5c')}\\2f";`;
      return `${host} ${text}`;
    };
    const result = rewriteBytes(RULES, spell(HOST));
    const expected = count <= 16 ? spell('stg.example.edu') : spell(HOST).replace(HOST, 'stg.example.edu');
    expect(result.value.toString()).toBe(expected);
    expect(result.left).toEqual(count <= 16 ? [] : ['too_deep']);
  });
  it('a key that stays in one', () => {
    const text = (host: string): string =>
      escapeHtml(`a:3:{${php(HOST)}i:1;${php('stg.example.edu')}i:2;i:0;${php(host)}}`);
    const result = rewriteBytes(RULES, text(HOST));
    expect(result.value.toString()).toBe(text('stg.example.edu'));
    expect(result).toMatchObject({ matches: 1, left: ['key_collision'] });
  });
});

describe('H06 escaped text that only looks serialized', () => {
  const texts = [
    'https%3A%2F%2FH%2F',
    'as%3A5 H',
    's%3A5%3AH',
    's%3A%22H%22',
    's:5:&lt;H',
    'items%3A16%3A%22H%22',
    'a%3A1%3A%22H%22',
    '&s:5 H',
  ];
  it.each(texts)('%s', text => {
    expect(rewriteText(RULES, text.replace('H', HOST))).toBe(text.replace('H', 'stg.example.edu'));
  });
});

describe('H10 base64, for columns that ask for it', () => {
  const createDecoder = () => createRewriter(parseRules(RULES));
  const encodings: Readonly<Record<string, (bytes: Buffer) => string>> = {
    padded: bytes => bytes.toString('base64'),
    unpadded: bytes => bytes.toString('base64').replace(/=+$/, ''),
    'of URLs': bytes => bytes.toString('base64url'),
    'of URLs, padded': bytes => bytes.toString('base64').replaceAll('+', '-').replaceAll('/', '_'),
  };
  // All remainders of three bytes, and bytes that the two alphabets spell differently.
  const texts = ['', 'x', 'xy'].map(tail => (host: string) => `ÿþ>?>>>${php(`https://${host}/${tail}`)}`);
  for (const [name, encode] of Object.entries(encodings)) {
    // A value of three times n bytes doesn't show how it would be padded; then it is as usual.
    it.each(name === 'padded' || name === 'of URLs' ? texts : texts.slice(1))(`${name}: %#`, build => {
      const value = Buffer.from(encode(Buffer.from(build(HOST))));
      const expected = encode(Buffer.from(build('stg.example.edu')));
      expect(createDecoder().rewriteBase64(value)).toMatchObject({ changed: true, matches: 1, left: [] });
      expect(createDecoder().rewriteBase64(value).value.toString()).toBe(expected);
      expect(createDecoder().rewrite(value)).toMatchObject({ changed: false, left: [] });
    });
  }

  it('what is broken within is left and reported', () => {
    const value = Buffer.from(Buffer.from(`s:5:"${HOST}";`).toString('base64'));
    expect(createDecoder().rewriteBase64(value)).toEqual({
      value,
      changed: false,
      matches: 0,
      left: ['broken_serialized'],
    });
    expect(createDecoder().rewriteBase64(value).value).toBe(value);
  });
  it('text that also reads as base64 is rewritten as text where it is of a rule', () => {
    const value = Buffer.from('home');
    const rewriter = createRewriter(parseRules('home → work'));
    expect(rewriter.rewriteBase64(value)).toMatchObject({ changed: true, matches: 1 });
    expect(rewriter.rewriteBase64(value).value.toString()).toBe('work');
  });
  it('what is not base64 is rewritten as ever', () => {
    expect(
      createDecoder()
        .rewriteBase64(Buffer.from(php(HOST)))
        .value.toString(),
    ).toBe(php('stg.example.edu'));
  });
  it.each([
    ['a line break', (text: string) => `${text.slice(0, 8)}\n${text.slice(8)}`],
    ['a space behind', (text: string) => `${text} `],
    ['both alphabets', (text: string) => `${text.slice(0, -4)}+_${text.slice(-2)}`],
    ['too much padding', (text: string) => `${text}==`],
    ['text that has it', (text: string) => `[code]${text}[/code]`],
  ])('stays with %s', (_, spoil) => {
    const value = Buffer.from(spoil(Buffer.from(`see https://${HOST}/x`).toString('base64')));
    const result = createDecoder().rewriteBase64(value);
    expect(result).toMatchObject({ changed: false, left: [] });
    expect(result.value).toBe(value);
  });
  it.each(['', 'prod', 'abcd', '====', 'plain text'])('%j stays', text => {
    const value = Buffer.from(text);
    expect(createDecoder().rewriteBase64(value).value).toBe(value);
  });
});
