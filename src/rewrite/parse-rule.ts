// A rule as the user wrote it → what the matcher needs, or MigrationError('config_invalid').

import { Buffer } from 'node:buffer';
import { MigrationError } from '../errors.ts';
import { listUnicodeForms } from './unicode-hosts.ts';

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
  /** What must stand before it: a label, where the pattern is the rest of a host; no more of a host, where the pattern
   *  begins with a character that a run of host characters doesn't have. */
  readonly begin?: 'label' | 'host';
}

export interface ExactRule {
  readonly source: Address;
  readonly target: Address;
  readonly pattern: Pattern;
  /** The target is a host and nothing else, so it has one form only. */
  readonly isPlain: boolean;
  /** The pattern is a Unicode form of a host, and nothing else. */
  readonly isUnicodeHost?: true;
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
  const targets = new Map<string, string>();
  const exact: ExactRule[] = [];
  const wildcards: WildcardRule[] = [];
  for (const rule of rules) {
    const from = lowerAscii(rule.from);
    const known = targets.get(from);
    if (known === rule.to) continue;
    if (known !== undefined) refuse(rule, `"${rule.from}" already has another target`);
    targets.set(from, rule.to);
    if (rule.from.startsWith('*.') || rule.to.startsWith('*.')) wildcards.push(parseWildcard(rule));
    else exact.push(parseExact(rule));
  }
  const changing = exact.filter(rule => !isUnchanged(rule));
  return {
    exact: [
      ...changing,
      ...changing.flatMap(listUnicodeRules),
      ...wildcards
        .filter(rule => rule.sourceSuffix !== lowerAscii(rule.targetSuffix))
        .flatMap(listUnicodeSuffixes),
    ],
    wildcards,
    unchanged: exact.filter(isUnchanged).map(rule => rule.target),
  };
}

/** The same rule for the Unicode forms of its host. */
function listUnicodeRules(rule: ExactRule): ExactRule[] {
  const { source, pattern } = rule;
  const isHostAlone = joinAddress(source) === source.host && !pattern.needsSlash;
  return listUnicodeForms(source.host).flatMap((host): ExactRule[] => {
    const found = buildPattern({ ...source, host }, pattern.needsSlash);
    if (found === undefined) return [];
    const begin = source.prefix === '' ? ({ begin: 'host' } as const) : {};
    const end = isHostAlone ? ({ end: 'host' } as const) : {};
    return [
      { ...rule, pattern: { ...found, ...begin, ...end }, ...(isHostAlone ? { isUnicodeHost: true } : {}) },
    ];
  });
}

/** A wildcard's suffix in its Unicode forms: the labels before it stay. */
function listUnicodeSuffixes({ sourceSuffix, targetSuffix }: WildcardRule): ExactRule[] {
  const source = { prefix: '', host: sourceSuffix, port: '', path: '' };
  const target = { ...source, host: targetSuffix };
  return listUnicodeForms(sourceSuffix.slice(1)).flatMap((form): ExactRule[] => {
    const pattern = buildPattern({ ...source, host: `.${form}` }, false);
    if (pattern === undefined) return [];
    return [
      {
        ...{ source, target, isPlain: true, isUnicodeHost: true },
        pattern: { ...pattern, begin: 'label', end: 'host' },
      },
    ];
  });
}

function isUnchanged({ source, target }: ExactRule): boolean {
  return lowerAscii(joinAddress(source)) === lowerAscii(joinAddress(target));
}

function dropSlash(address: Address): Address {
  return { ...address, path: address.path.slice(0, -1) };
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
  if (isGlued(rule.from, rule.to) || isGlued(rule.to, rule.from))
    refuse(rule, 'only one side ends with a slash, so what follows would have none, or two');
  const needsSlash = source.path.endsWith('/') && target.path.endsWith('/');
  const pattern = buildPattern(needsSlash ? dropSlash(source) : source, needsSlash);
  if (pattern === undefined)
    return refuse(rule, `"${rule.from}" has neither letters nor digits to search for`);
  const isPlain = joinAddress(target) === target.host;
  return needsSlash
    ? { source: dropSlash(source), target: dropSlash(target), pattern, isPlain: false }
    : { source, target, pattern, isPlain };
}

/** `a.edu/` → `b.edu` would make `b.edux` of `a.edu/x`. A target such as `b.edu/?p=` is fine. */
function isGlued(withSlash: string, without: string): boolean {
  return withSlash.endsWith('/') && /[a-z0-9.-]$/i.test(without);
}

function parseAddress(rule: RewriteRule, text: string): Address {
  if (text === '') refuse(rule, 'a side is empty');
  if (text.length > LONGEST) refuse(rule, `a side is longer than ${LONGEST} characters`);
  if (UNUSABLE.test(text)) refuse(rule, `"${text}" has a character that no host, port or path has`);
  const bytes = Buffer.from(text).toString('latin1');
  if (/^(?:[a-z0-9+.-]*:?\/\/)?[^/?#]*[\u0080-\u00ff]/i.test(bytes))
    refuse(rule, `write the host of "${text}" in its ASCII form (xn--...), as WordPress stores it`);
  const [, prefix = '', host = '', port = '', path = ''] = ADDRESS.exec(bytes) ?? [];
  if (host !== '' || path.startsWith('/')) return { prefix, host, port, path };
  return { prefix: '', host: '', port: '', path: bytes };
}

/** The anchor is the host or, without one that is all ASCII, the longest run of host characters. */
function buildPattern(source: Address, needsSlash: boolean): Pattern | undefined {
  const text = lowerAscii(joinAddress(source));
  const isHost = HOST.test(source.host);
  const { anchor, at } = isHost
    ? { anchor: lowerAscii(source.host), at: source.prefix.length }
    : findLongestRun(text);
  if (!/[a-z0-9]/.test(anchor)) return undefined;
  const pattern = splitAt(text, at, anchor, isHost);
  return needsSlash ? { ...pattern, needsSlash, end: 'anything', isHost: false } : pattern;
}

/** The first of several that are as long. Without full stops at its end, which a text's runs don't have either. */
function findLongestRun(text: string): { readonly anchor: string; readonly at: number } {
  const runs = Array.from(text.matchAll(/[a-z0-9.-]*[a-z0-9-]/g), run => ({ anchor: run[0], at: run.index }));
  return runs.toSorted((a, b) => b.anchor.length - a.anchor.length)[0] ?? { anchor: '', at: 0 };
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
