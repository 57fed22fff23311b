// The text of SHOW CREATE TABLE, cut into tokens. Nothing is evaluated: a server has written it, and its grammar is that
// of a printer, not of people.

export interface Token {
  /** `name` in backquotes, `text` in quotes, `word` (numbers too), or a single sign. */
  readonly kind: 'name' | 'text' | 'word' | 'sign';
  /** As it stands in the definition. */
  readonly raw: string;
  /** What it means: without quotes and escapes; of a word in lower case. */
  readonly value: string;
  readonly start: number;
  readonly end: number;
  /** It stands in a comment that only some servers read, as the one of MySQL's INVISIBLE. */
  readonly comment: VersionComment | null;
}

export interface VersionComment {
  /** MariaDB's own, which no MySQL reads. */
  readonly isMariadbs: boolean;
  /** Servers older than this don't read it. */
  readonly version: number;
  readonly start: number;
  readonly end: number;
}

const PIECES =
  /(?<space>\s+)|(?<open>\/\*M?!\d*)|(?<close>\*\/)|(?<name>`(?:[^`]|``)*`)|(?<text>'(?:[^'\\]|\\.|'')*')|(?<word>[\w$.@\u{80}-\u{10ffff}]+)|(?<sign>.)/gsu;

export function readTokens(definition: string): Token[] {
  const tokens: Token[] = [];
  let comment: VersionComment | null = null;
  for (const match of definition.matchAll(PIECES)) {
    const { space, open, close, name, text, word, sign } = match.groups as Record<string, string | undefined>;
    const [start, end] = [match.index, match.index + match[0].length];
    if (space !== undefined) continue;
    if (open !== undefined) {
      const version = Number(/\d+$/.exec(open)?.[0] ?? 0);
      comment = { isMariadbs: open.includes('M'), version, start, end: findCommentEnd(definition, end) };
    } else if (close !== undefined) comment = null;
    else if (name !== undefined) {
      const value = name.slice(1, -1).replaceAll('``', '`');
      tokens.push({ kind: 'name', raw: name, value, start, end, comment });
    } else if (text !== undefined)
      tokens.push({ kind: 'text', raw: text, value: unquoteText(text), start, end, comment });
    else if (word !== undefined)
      tokens.push({ kind: 'word', raw: word, value: word.toLowerCase(), start, end, comment });
    else if (sign !== undefined) tokens.push({ kind: 'sign', raw: sign, value: sign, start, end, comment });
  }
  return tokens;
}

/** Quoted text in it may hold the comment's end. */
function findCommentEnd(definition: string, from: number): number {
  const ending = /'(?:[^'\\]|\\.|'')*'|`(?:[^`]|``)*`|\*\//gs;
  ending.lastIndex = from;
  for (let match = ending.exec(definition); match; match = ending.exec(definition))
    if (match[0] === '*/') return ending.lastIndex;
  return definition.length;
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  '0': '\0',
  Z: '\u001a',
  b: '\b',
};

function unquoteText(quoted: string): string {
  return quoted
    .slice(1, -1)
    .replaceAll(/''|\\(.)/gs, (pair, escaped?: string) =>
      escaped === undefined ? pair.slice(1) : (ESCAPES[escaped] ?? escaped),
    );
}

export const isWord = (token: Token | undefined, ...words: readonly string[]): boolean =>
  token?.kind === 'word' && words.includes(token.value);

export const isSign = (token: Token | undefined, sign: string): boolean =>
  token?.kind === 'sign' && token.value === sign;

/** The index of the parenthesis that closes the one at `open`. */
export function findClosing(tokens: readonly Token[], open: number): number {
  let depth = 0;
  for (let at = open; at < tokens.length; at++) {
    if (isSign(tokens[at], '(')) depth++;
    else if (isSign(tokens[at], ')') && --depth === 0) return at;
  }
  return tokens.length - 1;
}

/** The parts between commas that stand in no parentheses. */
export function splitAtCommas(tokens: readonly Token[]): Token[][] {
  const parts: Token[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    if (isSign(token, '(')) depth++;
    else if (isSign(token, ')')) depth--;
    if (depth === 0 && isSign(token, ',')) parts.push([]);
    else parts.at(-1)!.push(token);
  }
  return parts.filter(part => part.length > 0);
}
