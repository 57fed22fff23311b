import fc from 'fast-check';
import { beforeEach, describe, expect, it, vi } from 'vitest';

type Masking = typeof import('../../../src/lib/mask-secrets.ts');

let masking: Masking;

// What is registered stays so for good: each test begins with a program that knows nothing yet.
async function startAnew(...secrets: string[]): Promise<Masking> {
  vi.resetModules();
  masking = await import('../../../src/lib/mask-secrets.ts');
  for (const secret of secrets) masking.registerSecret(secret);
  return masking;
}
beforeEach(() => startAnew());

/** Passwords that people have. */
const WEAK = ['2026', 'prod', 'a', 'wp_', 'root', '1', '***', 'stg'];
const LONGER = [
  'env-migrate',
  'wordpress',
  'migration',
  'completed',
  'wp_prod_2026',
  'example.edu',
  '.*.*.*',
];
const STRONG = ['x9-Kq2vT-7hf0', 'Tr0ub4dor&3-again', 'line one 1\nand line two 2', 'a"b\\c d/é', '$&.*(x)'];

/** What the program itself says. */
const OWN = [
  'env-migrate-2026-11-30T02-30-00-abc123',
  '/srv/wordpress/logs/env-migrate-2026-11-30T02-30-00-abc123/migration-plan.json',
  'Plan: prod → stg',
  'From  prod: database wp_prod_2026, prefix wp_, server 10.11.6-MariaDB',
  'wfuwp env-migrate --resume env-migrate-2026-11-30T02-30-00-abc123 --yes',
  '2026-11-30 02:30:04Z  INFO   Migration completed.',
  'root@127.0.0.1:3306/wp_prod_2026',
];

describe('text of others', () => {
  it.each([...LONGER, ...STRONG])('has no %j in it, however it stands there', async secret => {
    const { maskSecrets, maskLongSecrets } = await startAnew(secret);
    const text = `x${secret}y and "${secret}"`;
    expect(maskSecrets(text)).toBe('x***y and "***"');
    expect(maskLongSecrets(text)).toBe('x***y and "***"');
  });

  it.each([
    'password %',
    'PW=%',
    'mysql -p% wp',
    '"%"',
    "pw: '%'.",
    'the password is %.',
    'a:%@db, b',
    'curl -u ann:% x',
    '{"pw":%}',
    'is \u001b[32m%\u001b[0m',
  ])('has no short password that stands by itself: %s', async text => {
    for (const secret of WEAK) {
      const { maskSecrets } = await startAnew(secret);
      expect(maskSecrets(text.replace('%', secret))).toBe(text.replace('%', '***'));
    }
  });

  it('keeps the words, names and ids that a short password is a part of', async () => {
    const { maskSecrets } = await startAnew('wp', '2026', 'prod', 'a');
    for (const text of ['wp_posts', 'env-migrate-2026-11-30T02', 'prod.example.edu', 'what', '/srv/prod/x'])
      expect(maskSecrets(text)).toBe(text);
  });

  it('keeps short ones where it is full of names', async () => {
    const { maskLongSecrets } = await startAnew('root', 'wp');
    const text = "Access denied for user 'root'@'localhost' to database 'wp'";
    expect(maskLongSecrets(text)).toBe(text);
  });

  it('has none as it reads in JSON, in a URL and in a form', async () => {
    const secret = 'a"b\\c d/é';
    const { maskSecrets } = await startAnew(secret);
    expect(maskSecrets(JSON.stringify({ password: secret }))).toBe('{"password":"***"}');
    expect(maskSecrets(JSON.stringify({ password: secret }).replace('/', '\\/'))).toBe('{"password":"***"}');
    const url = encodeURIComponent(secret);
    expect(maskSecrets(`?key=${url}&key=${url.toLowerCase()}`)).toBe('?key=***&key=***');
    expect(maskSecrets(`body: ${new URLSearchParams({ key: secret }).toString()}`)).toBe('body: key=***');
  });

  it("has no password of anybody's in a URL", () => {
    expect(masking.maskSecrets('see https://ann:pw@db/x')).toBe('see https://ann:***@db/x');
    expect(masking.maskSecrets('see https://db:80/x@y')).toBe('see https://db:80/x@y');
  });

  it('hides the longer of two that begin alike', async () => {
    const { maskSecrets } = await startAnew('prefix', 'prefix-and-more');
    expect(maskSecrets('prefix-and-more, prefix')).toBe('***, ***');
  });

  it('hides each long line of one that has several', async () => {
    const { maskSecrets } = await startAnew('-----KEY\nMIIEvQIBADAN\nabc');
    expect(maskSecrets('bad line: MIIEvQIBADAN, abc')).toBe('bad line: ***, abc');
  });

  it.each(['', ' ', '\n', '      '])('is left alone by %j', async secret => {
    const { maskSecrets } = await startAnew(secret);
    expect(maskSecrets('a  b\n\nc      d')).toBe('a  b\n\nc      d');
  });

  it('takes a secret that is no well-formed text', async () => {
    const { maskSecrets } = await startAnew('half \ud800 pair');
    expect(maskSecrets('half \ud800 pair')).toBe('***');
  });

  it('holds no secret of six characters or more, whatever it and the text are', async () => {
    const secretOf = fc
      .string({ minLength: 6, maxLength: 40, unit: 'grapheme' })
      .filter(text => text.trim() !== '' && !text.includes('*'));
    const writers = [
      (secret: string) => secret,
      (secret: string) => JSON.stringify(secret).slice(1, -1),
      (secret: string) => encodeURIComponent(secret),
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.array(secretOf, { minLength: 1, maxLength: 4 }),
        fc.string(),
        fc.string(),
        async (secrets, before, after) => {
          const { maskSecrets, maskLongSecrets } = await startAnew(...secrets);
          for (const write of writers) {
            const text = secrets.map(secret => before + write(secret) + after).join(' ');
            for (const masked of [maskSecrets(text), maskLongSecrets(text)])
              for (const secret of secrets) expect(masked).not.toContain(secret);
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('text of our own', () => {
  it.each([...WEAK, ...LONGER])('stays as it is when the password is %j', async secret => {
    const { maskUnmistakable, registerName } = await startAnew(secret);
    registerName('wp_prod_2026');
    for (const text of OWN) expect(maskUnmistakable(text)).toBe(text);
  });

  it('may be a part of the password or its whole', async () => {
    const { maskUnmistakable } = await startAnew(...OWN, '2026-11-30T02-30-00-abc123', 'abc123.example.edu');
    expect(maskUnmistakable(OWN[0]!)).toBe(OWN[0]);
    expect(maskUnmistakable('it holds 2026-11-30T02-30-00-abc123')).toBe(
      'it holds 2026-11-30T02-30-00-abc123',
    );
  });

  it('holds nothing that can only be a secret', async () => {
    const { maskUnmistakable } = await startAnew('x9-Kq2vT-7hf0', 'hunter2-hunter2');
    expect(maskUnmistakable('x9-Kq2vT-7hf0 hunter2-hunter2')).toBe('*** ***');
  });
});
