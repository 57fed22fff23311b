// Configuration files that people might save by a slip: a sound one with lines lost, doubled, moved or cut, and with
// keys and values that don't belong there.

import fc from 'fast-check';
import { describeError } from '../../src/cli/describe-error.ts';
import { parseConfig } from '../../src/config/parse-config.ts';
import { formatProblems } from '../../src/config/problem.ts';
import { MigrationError } from '../../src/errors.ts';

const SOUND = `environments:
  prod:
    protected: true
    database:
      host: db1.example.edu
      port: 3306
      user: wp
      password: "\${PROD_DB_PASSWORD}"
      name: wp_prod
    hosts:
      main: example.edu
      any: "*.example.edu"
  stg:
    database: { host: db2.example.edu, user: wp, password: secret, name: wp_stg }
    hosts:
      main: stg.example.edu
    safety: { policy: lower }
rewrite:
  emails: leave
  skipColumns: [options.mail_password]
tables:
  skipData: [logs]
network:
  users: keep
hooks:
  before_site: { command: [sh, announce.sh] }
`;

const odd = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom(
    'null',
    '[]',
    '{}',
    '- a',
    '&a b',
    '*a',
    '!!int x',
    '<<: *a',
    '---',
    '"',
    "'",
    '{',
    ']',
    ': :',
    '\t',
    '\u0000',
    '\ufeff',
    '|',
    '>',
    '?',
    '%YAML 1.1',
    '!!binary x',
    '1e999',
    '0x1F',
    '~',
    'yes',
    '2026-01-01',
    '@',
    '`',
    '#',
    '__proto__: 1',
    'constructor: {}',
    '&a [*a, *a]',
  ),
  fc.integer().map(String),
  fc.double().map(String),
);

const edit = fc.record({
  kind: fc.constantFrom('drop', 'double', 'swap', 'cut', 'insert', 'value', 'key', 'indent', 'deep'),
  at: fc.nat(),
  to: fc.nat(),
  text: odd,
});
type Edit = typeof edit extends fc.Arbitrary<infer T> ? T : never;

function apply(text: string, { kind, at, to, text: odd }: Edit): string {
  const lines = text.split('\n');
  const [line, other] = [at % lines.length, to % lines.length];
  const here = lines[line] ?? '';
  switch (kind) {
    case 'drop':
      return lines.toSpliced(line, 1).join('\n');
    case 'double':
      return lines.toSpliced(line, 0, here).join('\n');
    case 'swap':
      return lines
        .with(line, lines[other] ?? '')
        .with(other, here)
        .join('\n');
    case 'cut':
      return text.slice(0, at % (text.length + 1));
    case 'insert':
      return text.slice(0, at % (text.length + 1)) + odd + text.slice(at % (text.length + 1));
    case 'value':
      return lines
        .with(
          line,
          here.replace(/: .*$/, () => `: ${odd}`),
        )
        .join('\n');
    case 'key':
      return lines
        .with(
          line,
          here.replace(/[\w]+:/, () => `${odd}:`),
        )
        .join('\n');
    case 'indent':
      return lines.with(line, `${' '.repeat(to % 7)}${here.trimStart()}`).join('\n');
    case 'deep':
      return lines.with(line, `${here}${'['.repeat(to % 300)}`).join('\n');
  }
}

const anyText = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.array(edit, { minLength: 1, maxLength: 4 }).map(edits => edits.reduce(apply, SOUND)),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 200 }) },
  { weight: 1, arbitrary: fc.json().map(json => json.replace('{', '{"environments":{},')) },
);

/** Why this is no good answer to such a file; null: it is one. */
export function judgeConfig(text: string): string | null {
  try {
    const parsed = parseConfig(text, { PROD_DB_PASSWORD: 'x' }, '/srv');
    if (!('problems' in parsed)) return null;
    const { problems } = parsed;
    if (problems.length === 0) return 'refused without a reason';
    const error = new MigrationError('config_invalid', formatProblems('wfuwp.config.yaml', problems));
    const { exitCode, message } = describeError(error, { usage: '', argv: [] });
    if (exitCode !== 12) return `exit code ${exitCode}`;
    return problems.every(({ line }) => message.includes(`wfuwp.config.yaml:${line}:`))
      ? null
      : `a message without its place: ${message}`;
  } catch (error) {
    return `threw ${error instanceof Error ? error.stack : String(error)}`;
  }
}

export function listConfigs(count: number, seed: number): string[] {
  return fc.sample(anyText, { numRuns: count, seed });
}
