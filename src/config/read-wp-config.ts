// What a wp-config.php says of its database, without running it: it may do anything, and somebody else has written it.
// Only what stands there as a literal is taken. All else (getenv(), a variable, one of two definitions) is told as such.

/** A setting's text; `null`: it is there, but no literal says it; absent: it is not there. */
export type WpSettings = Readonly<Partial<Record<WpName, string | null>>>;

const CONSTANTS = ['DB_NAME', 'DB_USER', 'DB_HOST', 'DOMAIN_CURRENT_SITE'] as const;
const PREFIX = '$table_prefix';

export type WpName = (typeof CONSTANTS)[number] | typeof PREFIX;

export function readWpConfig(text: string): WpSettings {
  const found = new Map<string, string | null>();
  const tokens = listTokens(text);
  tokens.forEach((_, index) => {
    const setting = readDefinition(tokens, index) ?? readAssignment(tokens, index);
    if (setting === undefined) return;
    const { name, value } = setting;
    // Which of two holds, only PHP would know.
    found.set(name, found.has(name) && found.get(name) !== value ? null : value);
  });
  return Object.fromEntries(
    [...CONSTANTS, PREFIX].flatMap(name => {
      const value = found.get(name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

interface Setting {
  readonly name: string;
  readonly value: string | null;
}

/** `define('NAME', 'value')`, and `const NAME = 'value'`. */
function readDefinition(tokens: readonly Token[], index: number): Setting | undefined {
  const [word, second, third, fourth] = tokens.slice(index, index + 4);
  if (word?.kind !== 'word') return undefined;
  if (/^\\?define$/i.test(word.text) && second?.text === '(' && fourth?.text === ',') {
    const name = third && readLiteral(third);
    return name ? { name, value: readValue(tokens, index + 4, [')', ',']) } : undefined;
  }
  if (/^const$/i.test(word.text) && second?.kind === 'word' && third?.text === '=')
    return { name: second.text, value: readValue(tokens, index + 3, [';', ',']) };
  return undefined;
}

function readAssignment(tokens: readonly Token[], index: number): Setting | undefined {
  const [variable, equals, next] = tokens.slice(index, index + 3);
  if (variable?.text !== PREFIX || equals?.text !== '=' || next?.text === '=') return undefined;
  return { name: PREFIX, value: readValue(tokens, index + 2, [';']) };
}

/** One literal and nothing else; anything more is an expression. */
function readValue(tokens: readonly Token[], index: number, ends: readonly string[]): string | null {
  const [value, end] = tokens.slice(index, index + 2);
  return value && end && ends.includes(end.text) ? readLiteral(value) : null;
}

interface Token {
  readonly kind: 'text' | 'word' | 'other';
  /** As it is written. */
  readonly text: string;
}

/** In this order: what looks like a definition in a comment, in a text or outside of PHP is none. */
const TOKEN = new RegExp(
  [
    String.raw`(?<skipped>\?>[\s\S]*?(?:<\?php\b|<\?=|$)|/\*[\s\S]*?(?:\*/|$)|(?://|\#(?!\[))[\s\S]*?(?=\?>|[\r\n]|$)|\s+)`,
    String.raw`(?<text>'(?:[^'\\]|\\[\s\S])*'|"(?:[^"\\]|\\[\s\S])*")`,
    String.raw`(?<heredoc><<<[ \t]*(?<quote>["']?)(?<label>\w+)\k<quote>\r?\n[\s\S]*?\n[ \t]*\k<label>\b)`,
    String.raw`(?<word>\$?[\\A-Za-z_][\\\w]*)`,
    String.raw`(?<other>[\s\S])`,
  ].join('|'),
  'g',
);

function listTokens(text: string): Token[] {
  const [, start = ''] = /<\?(?:php\b|=)([\s\S]*)$/i.exec(text) ?? [];
  return [...start.matchAll(TOKEN)].flatMap(({ 0: whole, groups = {} }) => {
    if (groups.skipped !== undefined) return [];
    const kind = groups.text === undefined ? (groups.word === undefined ? 'other' : 'word') : 'text';
    return [{ kind, text: whole } as const];
  });
}

const ESCAPES: Readonly<Record<string, string>> = {
  ...{ n: '\n', r: '\r', t: '\t', v: '\v', e: '\x1b', f: '\f' },
  ...{ '\\': '\\', '"': '"', $: '$' },
};

/** null: no literal, as of a text with a variable in it. */
function readLiteral({ kind, text }: Token): string | null {
  if (kind !== 'text') return null;
  const inner = text.slice(1, -1);
  if (text.startsWith("'")) return inner.replace(/\\(['\\])/g, '$1');
  const ofEscapes = /\\(?:([nrtvef\\"$])|x([\da-fA-F]{1,2})|u\{([\da-fA-F]{1,6})\}|([0-7]{1,3}))/g;
  if (/\$[A-Za-z_{]|\{\$/.test(inner.replace(ofEscapes, ''))) return null;
  return inner.replace(ofEscapes, (_, letter: string | undefined, hex, point, octal) =>
    letter === undefined ? String.fromCodePoint(readCode(hex ?? point, octal)) : ESCAPES[letter]!,
  );
}

function readCode(hex: string | undefined, octal: string): number {
  const code = hex === undefined ? Number.parseInt(octal, 8) & 0xff : Number.parseInt(hex, 16);
  return Math.min(code, 0x10_ffff);
}
