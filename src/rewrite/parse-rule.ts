// A rule as the user wrote it → what the matcher needs, or MigrationError('config_invalid').

import { Buffer } from 'node:buffer';
import { MigrationError } from '../errors.ts';

/** `from` and `to` are hosts (`a.edu`), wildcards (`*.a.edu`), or pairs with a scheme, port or path. */
export interface RewriteRule {
  readonly from: string;
  readonly to: string;
}

/** The parts of one side, as bytes in latin1. What has no host (a path, a bucket with `_`) is all `path`. */
export interface Address {
  /** `http://`, `//` or empty. */
  readonly prefix: string;
  readonly host: string;
  /** With its colon. */
  readonly port: string;
  readonly path: string;
}

/** What to look for: an anchor that always stands in the text as it is, and what must stand around it, there in
 *  any spelling. All in lower case. */
export interface Pattern {
  readonly before: string;
  readonly anchor: string;
  readonly after: string;
  /** A slash must follow, but is no part of the match: in `/a/a/` the one in the middle belongs to both. */
  readonly needsSlash: boolean;
  readonly anchorIsHost: boolean;
  /** What must not follow: more of a path segment or, less strict, more of a run of host characters. Where the
   *  pattern ends with another character, anything may follow. */
  readonly end: 'segment' | 'host' | 'anything';
  /** The anchor is all there is, and a host run is whole already: nothing is left to compare. */
  readonly isHost: boolean;
}

export interface ExactRule {
  readonly source: Address;
  readonly target: Address;
  readonly pattern: Pattern;
  /** The target is a host and nothing else, so it has one form only. */
  readonly isPlain: boolean;
}

/** Suffixes without `*`: `.a.edu` → `.b.edu`. */
export interface WildcardRule {
  readonly sourceSuffix: string;
  readonly targetSuffix: string;
}

export interface ParsedRules {
  readonly exact: readonly ExactRule[];
  readonly wildcards: readonly WildcardRule[];
  /** From rules whose two sides are the same: text that no other rule shall touch. */
  readonly unchanged: readonly Address[];
}

const ADDRESS = /^((?:[a-z][a-z0-9+.-]*:)?\/\/)?([a-z0-9-]+(?:\.[a-z0-9-]+)*)?(:\d+)?([/?#].*)?$/i;
const HOST = /^[a-z0-9-]+(?:\.[a-z0-9-]+)*$/i;
/** Bytes that need an escape of their own somewhere, so that no one form of the text can be told. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it refuses
const UNUSABLE = /[\u0000-\u0020\u007f"'`\\<>{}|^%*]/;
const LONGEST = 1000;

export function parseRules(rules: readonly RewriteRule[]): ParsedRules {
  const exact = new Map<string, ExactRule>();
  const wildcards = new Map<string, WildcardRule>();
  for (const rule of rules) {
    if (rule.from.startsWith('*.') || rule.to.startsWith('*.')) {
      const wildcard = parseWildcard(rule);
      addOnce(
        wildcards,
        wildcard.sourceSuffix,
        wildcard,
        rule,
        known => known.targetSuffix === wildcard.targetSuffix,
      );
    } else {
      const parsed = parseExact(rule);
      const target = joinAddress(parsed.target);
      addOnce(
        exact,
        lowerAscii(joinAddress(parsed.source)) + (parsed.pattern.needsSlash ? '/' : ''),
        parsed,
        rule,
        known => joinAddress(known.target) === target,
      );
    }
  }
  const all = [...exact.values()];
  return {
    exact: all.filter(rule => !isUnchanged(rule)),
    wildcards: [...wildcards.values()],
    unchanged: all.filter(isUnchanged).map(rule => rule.target),
  };
}

function isUnchanged({ source, target }: ExactRule): boolean {
  return lowerAscii(joinAddress(source)) === lowerAscii(joinAddress(target));
}

function dropSlash(address: Address): Address {
  return { ...address, path: address.path.slice(0, -1) };
}

function addOnce<T>(
  known: Map<string, T>,
  key: string,
  value: T,
  rule: RewriteRule,
  isSame: (other: T) => boolean,
): void {
  const other = known.get(key);
  if (other !== undefined && !isSame(other)) refuse(rule, `"${rule.from}" already has another target`);
  known.set(key, value);
}

function parseWildcard(rule: RewriteRule): WildcardRule {
  if (!rule.from.startsWith('*.') || !rule.to.startsWith('*.'))
    refuse(rule, 'a wildcard needs a wildcard on the other side');
  const [from, to] = [rule.from.slice(2), rule.to.slice(2)];
  if (!HOST.test(from) || !HOST.test(to)) refuse(rule, 'a wildcard is "*." and a host, nothing else');
  return { sourceSuffix: `.${from.toLowerCase()}`, targetSuffix: `.${to}` };
}

function parseExact(rule: RewriteRule): ExactRule {
  const source = parseAddress(rule, rule.from);
  const target = parseAddress(rule, rule.to);
  if ((source.prefix === '') !== (target.prefix === ''))
    refuse(rule, 'one side has a scheme or "//", the other has not');
  if (source.prefix === '//' && target.prefix !== '//')
    refuse(rule, '"//" also stands inside "http://", so it can\'t become a scheme');
  if ((source.host === '') !== (target.host === '')) refuse(rule, 'one side has a host, the other has not');
  const needsSlash = source.path.endsWith('/') && target.path.endsWith('/');
  const pattern = buildPattern(needsSlash ? dropSlash(source) : source, needsSlash);
  if (pattern === undefined)
    return refuse(rule, `"${rule.from}" has neither letters nor digits to search for`);
  const isPlain = joinAddress(target) === target.host;
  return needsSlash
    ? { source: dropSlash(source), target: dropSlash(target), pattern, isPlain: false }
    : { source, target, pattern, isPlain };
}

function parseAddress(rule: RewriteRule, text: string): Address {
  if (text === '') refuse(rule, 'a side is empty');
  if (text.length > LONGEST) refuse(rule, `a side is longer than ${LONGEST} characters`);
  if (UNUSABLE.test(text)) refuse(rule, `"${text}" has a character that no host, port or path has`);
  const bytes = Buffer.from(text, 'utf8').toString('latin1');
  const [, prefix = '', host = '', port = '', path = ''] = ADDRESS.exec(bytes) ?? [];
  if (host !== '' || (port === '' && path.startsWith('/'))) return { prefix, host, port, path };
  if (/^[^/]*[\u0080-\u00ff]/.test(bytes))
    refuse(rule, `write the host of "${text}" in its ASCII form (xn--...), as WordPress stores it`);
  return { prefix: '', host: '', port: '', path: bytes };
}

/** The anchor is the host or, without one, the longest run of host characters. */
function buildPattern(source: Address, needsSlash: boolean): Pattern | undefined {
  const text = lowerAscii(joinAddress(source));
  const runs = source.host === '' ? [...text.matchAll(/[a-z0-9.-]+/g)] : [];
  const longest = runs.reduce<RegExpExecArray | undefined>(
    (best, run) => (run[0].length > (best?.[0].length ?? 0) ? run : best),
    undefined,
  );
  const anchor = source.host === '' ? longest?.[0] : source.host.toLowerCase();
  if (anchor === undefined || !/[a-z0-9]/.test(anchor)) return undefined;
  const pattern = splitAt(text, longest?.index ?? source.prefix.length, anchor, source.host !== '');
  return needsSlash ? { ...pattern, needsSlash, end: 'anything', isHost: false } : pattern;
}

export function splitAt(text: string, at: number, anchor: string, anchorIsHost: boolean): Pattern {
  const before = text.slice(0, at);
  const after = text.slice(at + anchor.length);
  const endsSegment = !anchorIsHost || /[/?#]/.test(after);
  const end = !/[a-z0-9.-]$/.test(text) ? 'anything' : endsSegment ? 'segment' : 'host';
  return {
    before,
    anchor,
    after,
    needsSlash: false,
    anchorIsHost,
    end,
    isHost: anchorIsHost && text === anchor,
  };
}

export function joinAddress(address: Address): string {
  return address.prefix + address.host + address.port + address.path;
}

/** Letter case of other bytes is unknown: they are not necessarily letters. */
export function lowerAscii(text: string): string {
  return text.replace(/[A-Z]+/g, letters => letters.toLowerCase());
}

function refuse(rule: RewriteRule, reason: string): never {
  throw new MigrationError(
    'config_invalid',
    `The rewrite rule "${rule.from}" → "${rule.to}" can't be used: ${reason}.`,
    {
      details: { from: rule.from, to: rule.to },
    },
  );
}
