// `wfuwp rewrite` as a process: bytes in, bytes out, words on stderr.
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROGRAM } from '../support/wfuwp.ts';
import { php } from '../unit/rewrite/rewrite-text.ts';

const HOST = ['--from', 'prod.example.edu', '--to', 'staging.example.edu'];

async function rewrite(args: readonly string[], input: string | Uint8Array, cwd = tmpdir()) {
  const { exitCode, stdout, stderr } = await execa(process.execPath, [PROGRAM, 'rewrite', ...args], {
    cwd,
    input: typeof input === 'string' ? Buffer.from(input) : input,
    env: { NO_COLOR: '1' },
    encoding: 'buffer',
    stripFinalNewline: false,
    reject: false,
  });
  return {
    exitCode,
    output: Buffer.from(stdout),
    text: Buffer.from(stdout).toString(),
    stderr: Buffer.from(stderr).toString(),
  };
}

interface Vector {
  readonly id: string;
  readonly rules: readonly { readonly from: string; readonly to: string }[];
  readonly inputB64: string;
  readonly expectedB64: string;
}
const file = new URL('../cases/rewrite/vectors.json', import.meta.url);
const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { readonly cases: readonly Vector[] };

describe.concurrent('wfuwp rewrite', () => {
  // The others go through the same function in test/unit/runtime/.
  const chosen = cases.filter((_, index) => index % 36 === 0);
  it.each(chosen)('$id', async ({ rules, inputB64, expectedB64 }) => {
    const args = rules.flatMap(({ from, to }) => ['--from', from, '--to', to]);
    const { exitCode, output } = await rewrite(args, Buffer.from(inputB64, 'base64'));
    expect(output.toString('base64')).toBe(expectedB64);
    expect(exitCode).toBe(0);
  });

  it('lets every other byte through', async () => {
    const bytes = Buffer.alloc(300_000);
    for (let i = 0; i < bytes.length; i++) bytes[i] = (i * 7 + (i >> 8)) & 0xff;
    const { exitCode, output, stderr } = await rewrite(HOST, bytes);
    expect(output.equals(bytes)).toBe(true);
    expect(stderr).toBe('');
    expect(exitCode).toBe(0);
  });

  it('changes nothing the second time', async () => {
    const rules = ['--from', 'example.edu', '--to', 'stg.example.edu', '--emails', 'rewrite'];
    const first = await rewrite(rules, php('https://example.edu/ and joe@example.edu'));
    expect(first.text).toBe(php('https://stg.example.edu/ and joe@stg.example.edu'));
    const second = await rewrite(rules, first.output);
    expect(second.text).toBe(first.text);
  });

  it('tells what was left because it is broken, and ends well', async () => {
    const { exitCode, text, stderr } = await rewrite(
      [...HOST, '--lines'],
      's:1:"prod.example.edu";\nprod.example.edu\n',
    );
    expect(text).toBe('s:1:"prod.example.edu";\nstaging.example.edu\n');
    expect(stderr).toBe(
      'Not, or not wholly, rewritten:\n  1 value: in serialized data with a wrong length or count, or cut off\nTo see where: --explain\n',
    );
    expect(exitCode).toBe(0);
  });

  it('is one object with --json', async () => {
    const { exitCode, text, stderr } = await rewrite(
      [...HOST, '--json'],
      'prod.example.edu joe@prod.example.edu',
    );
    expect(JSON.parse(text)).toEqual({
      output: 'staging.example.edu joe@prod.example.edu',
      encoding: 'utf8',
      changed: true,
      matches: [
        {
          offset: 0,
          place: 'text',
          found: 'prod.example.edu',
          text: 'staging.example.edu',
          rule: { from: 'prod.example.edu', to: 'staging.example.edu' },
        },
      ],
      stayed: [{ offset: 21, place: 'text', found: 'prod.example.edu', reason: 'email' }],
      left: ['email'],
    });
    expect(stderr).toBe('');
    expect(exitCode).toBe(0);
  });

  it('gives bytes that are no text as base64 with --json', async () => {
    const { text } = await rewrite([...HOST, '--json'], Buffer.from('\xffprod.example.edu', 'latin1'));
    const { output, encoding } = JSON.parse(text);
    expect(encoding).toBe('base64');
    expect(Buffer.from(output, 'base64').toString('latin1')).toBe('\xffstaging.example.edu');
  });

  it('ends quietly when nobody reads on', async () => {
    const shell = `yes prod.example.edu | "${process.execPath}" "${PROGRAM}" rewrite ${HOST.join(' ')} --lines | head -n 1`;
    const { stdout, stderr, exitCode } = await execa('bash', [
      '-c',
      `set -o pipefail; { ${shell}; } ; echo "\${PIPESTATUS[1]}"`,
    ]);
    expect(stdout).toBe('staging.example.edu\n0');
    expect(stderr).toBe('');
    expect(exitCode).toBe(0);
  });

  it('says when the output can not be written', async () => {
    const shell = `echo prod.example.edu | "${process.execPath}" "${PROGRAM}" rewrite ${HOST.join(' ')} > /dev/full`;
    const { stderr, exitCode } = await execa('bash', ['-c', shell], { reject: false });
    expect(stderr).toMatch(/^Error: Cannot write the output: ENOSPC/);
    expect(stderr).not.toContain('    at ');
    expect(exitCode).toBe(20);
  });
});

it('--explain lets nothing of a value reach the terminal as it is; stdout has the value exactly', async () => {
  const value = `a:1:{${php('k\u001b]0;PWNED\u0007\u202e')}${php('//prod.example.edu/\u009b2J\n')}}`;
  const { stderr, text } = await rewrite([...HOST, '--explain'], value);
  expect(stderr.split('\n')[0]).toBe(
    // A key is quoted as in JSON.
    String.raw`byte 35, serialized["k\u001b]0;PWNED\u0007\u{202e}"]: prod.example.edu → staging.example.edu`,
  );
  expect(text).toBe(`a:1:{${php('k\u001b]0;PWNED\u0007\u202e')}${php('//staging.example.edu/\u009b2J\n')}}`);
  const json = (await rewrite([...HOST, '--json'], value)).text;
  expect(JSON.parse(json).output).toBe(text);
  expect(json).not.toMatch(/[\u0080-\u009f\u202e]/);
});

it('--explain shows each place and what decided it', async () => {
  const rules = [
    ...HOST,
    ...['--from', '*.prod.example.edu', '--to', '*.staging.example.edu'],
    ...['--from', 'old.edu/art', '--to', 'new.edu/dept'],
    ...['--from', 'http://old.edu:8080', '--to', 'https://new.edu'],
  ];
  const explained: [value: string, ...lines: string[]][] = [
    [
      `a:1:{s:5:"theme";${php(`a:1:{s:4:"logo";${php('//prod.example.edu/')}}`)}}`,
      'byte 47, serialized["theme"] > serialized["logo"]: prod.example.edu → staging.example.edu',
    ],
    [
      `a:1:{i:7;${php('{"u":"https:\\/\\/prod.example.edu\\/"}')}}`,
      'byte 31, serialized[7] > JSON: prod.example.edu → staging.example.edu',
    ],
    ['to joe@prod.example.edu', 'byte 7, text: prod.example.edu stays: the host of an e-mail address'],
    [
      'x-prod.example.edu or prod.example.edu.evil.com',
      'byte 0, text: x-prod.example.edu stays: another host',
      'byte 22, text: prod.example.edu.evil.com stays: another host',
    ],
    [
      's:99:"https://prod.example.edu";',
      'byte 14, text: prod.example.edu stays: in serialized data with a wrong length or count, or cut off; the fault is at byte 0',
    ],
    [
      'https://a.b.prod.example.edu/',
      'byte 11, text: .prod.example.edu → .staging.example.edu (rule *.prod.example.edu → *.staging.example.edu)',
    ],
    [
      'old.edu/art/ old.edu/arts',
      'byte 0, text: old.edu/art → new.edu/dept',
      'byte 13, text: old.edu stays: a host of the rules, but with another scheme, port or path',
    ],
    [
      '?to=http%3A%2F%2Fold.edu%3A8080%2Fx',
      'byte 4, text: http%3A%2F%2Fold.edu%3A8080 → https%3A%2F%2Fnew.edu (rule http://old.edu:8080 → https://new.edu)',
    ],
    [
      'a:2:{s:16:"prod.example.edu";i:1;s:19:"staging.example.edu";i:2;}',
      'byte 11, key of serialized: prod.example.edu stays: a key, and its array or object has the new one already',
    ],
    ['nothing here'],
  ];
  const input = explained.map(([value]) => `${value}\n`).join('');
  const lines = explained.flatMap(([, ...places], index) =>
    places.map(place => `line ${index + 1}, ${place}`),
  );
  const { stderr, text } = await rewrite([...rules, '--lines', '--explain'], input);
  expect(stderr.split('\n')).toEqual([
    ...lines,
    '5 places rewritten, 6 stayed.',
    'Not, or not wholly, rewritten:',
    '  1 value: in serialized data with a wrong length or count, or cut off',
    '  1 value: a key, and its array or object has the new one already',
    '',
  ]);
  expect(text.split('\n')[0]).toBe(
    `a:1:{s:5:"theme";${php(`a:1:{s:4:"logo";${php('//staging.example.edu/')}}`)}}`,
  );
});

describe.concurrent('a wrong command line', () => {
  it.each([
    [[], 'Say what becomes what.'],
    [['--from', 'a.edu'], 'Each --from needs its --to'],
    [[...HOST, '--source', 'prod', '--target', 'stg'], 'not from both'],
    [['--source', 'prod'], '--target is missing'],
    [['--from', 'a b', '--to', 'c'], '"a b" has a character that no host, port or path has'],
    [
      [...HOST, '--from', 'prod.example.edu', '--to', 'b.edu'],
      '"prod.example.edu" already has another target',
    ],
    [[...HOST, '--emails', 'drop'], '--emails takes one of leave, rewrite; "drop" is none of them.'],
    [[...HOST, '--explian'], 'Did you mean --explain?'],
  ])('%j: exit 2, the reason, and nothing on stdout', async (args, reason) => {
    const { exitCode, text, stderr } = await rewrite(args, 'prod.example.edu');
    expect(stderr).toContain(reason);
    expect(stderr.trim().split('\n').length).toBeGreaterThan(1);
    expect(text).toBe('');
    expect(exitCode).toBe(2);
  });

  it('--json with --lines', async () => {
    const { exitCode, text, stderr } = await rewrite([...HOST, '--json', '--lines'], 'x');
    expect(JSON.parse(text).error).toMatchObject({ code: 'usage', exitCode: 2 });
    expect(stderr).toBe('');
    expect(exitCode).toBe(2);
  });
});

describe('rules of the configuration', () => {
  let cwd: string;

  beforeAll(async () => {
    cwd = await mkdtemp(join(tmpdir(), 'wfuwp-rewrite-'));
    // The password is one that also stands in the values: it must not be masked there.
    const environment = (name: string, hosts: string): string =>
      `  ${name}: { database: { host: ${name}, user: wp, password: example, name: wp }, hosts: { ${hosts} } }\n`;
    await writeFile(
      join(cwd, 'wfuwp.config.yaml'),
      `environments:\n${environment('prod', 'main: www.example.edu, any: "*.example.edu"')}${environment(
        'stg',
        'main: stg.example.org, any: "*.stg.example.org"',
      )}${environment('apart', 'other: c.edu')}rewrite: { emails: rewrite, pairs: [{ from: bucket-prod, to: bucket-stg }] }\n`,
    );
  });
  afterAll(() => rm(cwd, { recursive: true }));

  const value = 'www.example.edu joe@art.example.edu bucket-prod';

  it.each([
    [[], 'stg.example.org joe@art.stg.example.org bucket-stg'],
    [['--emails', 'leave'], 'stg.example.org joe@art.example.edu bucket-stg'],
  ])('hosts by role, pairs, and what happens to addresses: %j', async (args, expected) => {
    const { exitCode, text, stderr } = await rewrite(
      ['--source', 'prod', '--target', 'stg', ...args],
      value,
      cwd,
    );
    expect(text).toBe(expected);
    expect(stderr).toBe('');
    expect(exitCode).toBe(0);
  });

  it('mask nothing of the value', async () => {
    const { text } = await rewrite(['--source', 'prod', '--target', 'stg', '--json'], value, cwd);
    expect(JSON.parse(text).output).toBe('stg.example.org joe@art.stg.example.org bucket-stg');
  });

  it('of an environment that is not there: exit 12, with a guess', async () => {
    const { exitCode, text, stderr } = await rewrite(['--source', 'prd', '--target', 'stg'], value, cwd);
    expect(stderr).toContain('Did you mean "prod"?');
    expect(text).toBe('');
    expect(exitCode).toBe(12);
  });

  it('that are none: exit 12, not a copy', async () => {
    await writeFile(
      join(cwd, 'none.yaml'),
      readFileSync(join(cwd, 'wfuwp.config.yaml'), 'utf8').replace(/pairs: .*\]/, 'pairs: []'),
    );
    const args = ['--source', 'prod', '--target', 'apart', '--config', 'none.yaml'];
    const { exitCode, text, stderr } = await rewrite(args, value, cwd);
    expect(stderr).toContain('"prod" and "apart" have no role of hosts in common');
    expect(text).toBe('');
    expect(exitCode).toBe(12);
  });
});
