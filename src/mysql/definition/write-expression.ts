// One way of writing what two servers write differently: quoting, introducers of character sets, parentheses that change
// nothing, names of functions. Two texts that come out alike mean the same; those that mean the same mostly come out alike.

import { findClosing, isSign, isWord, type Token } from './tokens.ts';

/** Behind these a parenthesis only groups; behind any other word it holds a function's arguments. */
const OPERATORS = new Set([
  ...['and', 'or', 'not', 'xor', 'in', 'is', 'like', 'rlike', 'regexp', 'between', 'div', 'mod', 'binary'],
  ...['case', 'when', 'then', 'else', 'end', 'interval', 'as', 'using', 'default', 'by', 'values', 'than'],
]);

/** Names of one function, as one server or the other prints it. */
const SYNONYMS: Readonly<Record<string, string>> = {
  now: 'current_timestamp',
  localtime: 'current_timestamp',
  localtimestamp: 'current_timestamp',
  current_date: 'curdate',
  current_time: 'curtime',
  lcase: 'lower',
  ucase: 'upper',
  character_length: 'char_length',
  octet_length: 'length',
  substring: 'substr',
  mid: 'substr',
  ceil: 'ceiling',
  pow: 'power',
  rlike: 'regexp',
  dayofmonth: 'day',
  geomcollection: 'geometrycollection',
};

export function writeExpression(tokens: readonly Token[]): string {
  return writeParts(tokens).join(' ');
}

function writeParts(tokens: readonly Token[]): string[] {
  const written: string[] = [];
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at]!;
    const before = tokens[at - 1];
    if (isIntroducer(token, tokens[at + 1])) continue;
    if (isSign(token, '(')) {
      const close = findClosing(tokens, at);
      const inner = writeParts(tokens.slice(at + 1, close));
      // Of a function without arguments the parentheses say nothing: CURRENT_TIMESTAMP, current_timestamp().
      const isCall = before?.kind === 'word' && !OPERATORS.has(before.value);
      if (isCall && inner.length > 0) written.push('(', ...inner, ')');
      else written.push(...inner);
      at = close;
    } else written.push(writeToken(token, tokens[at + 1]));
  }
  return written;
}

const isIntroducer = (token: Token, next: Token | undefined): boolean =>
  token.kind === 'word' &&
  /^_[a-z]\w*$/.test(token.value) &&
  (next?.kind === 'text' || (next?.kind === 'word' && /^(?:0x|x$|b$)/.test(next.value)));

function writeToken(token: Token, next: Token | undefined): string {
  if (token.kind === 'text') return JSON.stringify(token.value);
  // Of columns the case doesn't matter, and where nothing else can stand they are printed without quotes.
  if (token.kind === 'name') return token.value.toLowerCase();
  if (token.kind === 'sign') return token.value;
  if (/^\d/.test(token.value)) return writeNumber(token.value) ?? token.value;
  if (isWord(token, 'utf8')) return 'utf8mb3';
  return isSign(next, '(') || token.value.startsWith('local')
    ? (SYNONYMS[token.value] ?? token.value)
    : token.value;
}

const NUMBER = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d+))?$/i;

/** A decimal number in the one form that all of its spellings share; null: it is none. */
export function writeNumber(text: string): string | null {
  const [match, sign, whole = '', fraction = '', exponent = '0'] = NUMBER.exec(text.trim()) ?? [];
  if (match === undefined || whole + fraction === '') return null;
  const digits = (whole + fraction).replace(/^0+/, '').replace(/0+$/, '');
  if (digits === '') return '0';
  const trailing = (whole + fraction).length - (whole + fraction).replace(/0+$/, '').length;
  const power = Number(exponent) - fraction.length + trailing;
  return (sign === '-' ? '-' : '') + placePoint(digits, power);
}

/** With more zeros than this it is written with its power of ten. */
const MOST_ZEROS = 30;

function placePoint(digits: string, power: number): string {
  if (Math.abs(power) > MOST_ZEROS + digits.length) return `${digits}e${power}`;
  if (power >= 0) return digits + '0'.repeat(power);
  const padded = digits.padStart(1 - power, '0');
  return `${padded.slice(0, power)}.${padded.slice(power)}`;
}
