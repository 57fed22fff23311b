// All rules, to be asked by one run of host characters: the cost of an answer doesn't grow with their number.

import type { Buffer } from 'node:buffer';
import { equalsFolded } from './bytes.ts';
import {
  type Address,
  type ExactRule,
  joinAddress,
  lowerAscii,
  type ParsedRules,
  type Pattern,
  splitAt,
  type WildcardRule,
} from './parse-rule.ts';

/** The longest name that DNS knows. Longer runs are no hosts, and need no look at each of their suffixes. */
const LONGEST_HOST = 253;

/** What may match around one anchor. */
export interface Candidates {
  readonly anchor: string;
  /** Longest source first, so the first that matches is the most specific. */
  readonly rules: readonly ExactRule[];
  /** Text that reads as a target: what lies within it is left. */
  readonly targets: readonly Pattern[];
}

export interface RuleIndex {
  /** Host runs in lower case, each of them or a suffix standing in every text that a rule can match. */
  readonly anchors: readonly string[];
  /** Longer runs match nothing. */
  readonly longestRun: number;
  /** Shorter runs match no wildcard. */
  readonly shortestWild: number;
  /** Shorter values can't hold, as keys of one JSON object, something to rewrite and what it would become. */
  readonly shortestPair: number;
  /** A rule's source may begin before a place where another matches whole: `/a` and `/b` in `/a/b/anchor`. */
  readonly reachesBack: boolean;
  /** What may match around the host run bytes[start, end). */
  findExact(bytes: Buffer, start: number, end: number): Candidates | undefined;
  /** The wildcard with the longest suffix. None for a run that is a wildcard's target already. */
  findWildcard(run: string): WildcardRule | undefined;
}

export function createRuleIndex(parsed: ParsedRules): RuleIndex {
  const wildcards = indexWildcards(parsed.wildcards);
  const exact = new Map<string, OpenCandidates>();
  for (const rule of parsed.exact) openCandidates(exact, rule.pattern.anchor).rules.push(rule);
  for (const { rules } of exact.values()) rules.sort((a, b) => measure(b) - measure(a));
  const anchors = [...exact.keys(), ...parsed.wildcards.map(rule => rule.sourceSuffix)];
  const findWildcard = (run: string): WildcardRule | undefined =>
    wildcards.size === 0 ? undefined : lookUpSuffix(wildcards, run);

  for (const target of listTargets(parsed)) {
    const text = lowerAscii(joinAddress(target));
    for (const run of text.matchAll(/[a-z0-9.-]+/g)) {
      if (!exact.has(run[0]) && findWildcard(run[0]) === undefined) continue;
      const isHost = target.host !== '' && run.index === target.prefix.length;
      const pattern = splitAt(text, run.index, run[0], isHost);
      // Not strict at the end: what followed the source, say a `_`, now follows the target.
      const end = pattern.end === 'segment' ? 'host' : pattern.end;
      openCandidates(exact, run[0]).targets.push({ ...pattern, end });
    }
  }
  let longestRun = LONGEST_HOST;
  for (const anchor of exact.keys()) longestRun = Math.max(longestRun, anchor.length);
  // A label and the suffix.
  const shortestWild = parsed.wildcards.reduce(
    (least, { sourceSuffix }) => Math.min(least, sourceSuffix.length + 1),
    Number.POSITIVE_INFINITY,
  );
  const shortestPair = JSON_OF_A_PAIR + measureShortest(anchors) + measureShortest(listTexts(parsed));
  const befores = new Set(parsed.exact.map(rule => rule.pattern.before));
  const reachesBack = [...befores].some(before => anchors.some(anchor => before.includes(anchor)));
  return {
    ...{ anchors, longestRun, shortestWild, shortestPair, reachesBack },
    ...{ findExact: rememberLast(exact), findWildcard },
  };
}

/** `{"":,"":`, without the values, and cut off. */
const JSON_OF_A_PAIR = 8;

const measureShortest = (texts: readonly string[]): number =>
  texts.reduce((least, text) => Math.min(least, text.length), Number.POSITIVE_INFINITY);

/** What rules write. */
const listTexts = ({ exact, wildcards }: ParsedRules): string[] => [
  ...exact.map(({ target }) => joinAddress(target)),
  ...wildcards.map(({ targetSuffix }) => targetSuffix),
];

/** By suffix. The suffix of a target that is no source, or its own source, is left. */
function indexWildcards(rules: readonly WildcardRule[]): ReadonlyMap<string, WildcardRule | 'target'> {
  const wildcards = new Map<string, WildcardRule | 'target'>();
  for (const rule of rules) wildcards.set(lowerAscii(rule.targetSuffix), 'target');
  for (const rule of rules) {
    if (rule.sourceSuffix !== lowerAscii(rule.targetSuffix)) wildcards.set(rule.sourceSuffix, rule);
  }
  return wildcards;
}

/** Most runs in a value are the same few: comparing one with the last of its length costs less than making a string
 *  of it. */
function rememberLast(exact: ReadonlyMap<string, Candidates>): RuleIndex['findExact'] {
  const lastByLength: Candidates[] = [];
  return (bytes, start, end) => {
    const last = lastByLength[end - start];
    if (last !== undefined && equalsFolded(bytes, start, last.anchor)) return last;
    const found = exact.get(readRun(bytes, start, end));
    if (found !== undefined) lastByLength[end - start] = found;
    return found;
  };
}

/** A run of host characters as a key of the index. */
export function readRun(bytes: Buffer, start: number, end: number): string {
  return bytes.toString('latin1', start, end).toLowerCase();
}

interface OpenCandidates extends Candidates {
  readonly rules: ExactRule[];
  readonly targets: Pattern[];
}

function openCandidates(exact: Map<string, OpenCandidates>, anchor: string): OpenCandidates {
  const known = exact.get(anchor) ?? { anchor, rules: [], targets: [] };
  exact.set(anchor, known);
  return known;
}

function lookUpSuffix(
  wildcards: ReadonlyMap<string, WildcardRule | 'target'>,
  run: string,
): WildcardRule | undefined {
  if (run.length > LONGEST_HOST || run.includes('..')) return undefined;
  // A dot in front ends this at once: there is no label before it.
  for (let dot = run.indexOf('.'); dot > 0; dot = run.indexOf('.', dot + 1)) {
    const found = wildcards.get(run.slice(dot));
    if (found !== undefined) return found === 'target' ? undefined : found;
  }
  return undefined;
}

/** Texts that are left because they read as a target already: without that, `a.edu → a.edu/main` would never come
 *  to rest, and `*.a.edu` would catch what `www.a.edu → stg.a.edu` has written. A target that is itself a source
 *  (a chain or a swap of rules) is no such text: it is rewritten like any other. */
function listTargets(parsed: ParsedRules): readonly Address[] {
  const sources = new Set(parsed.exact.map(rule => lowerAscii(joinAddress(rule.source))));
  const sourceHosts = new Set(parsed.exact.map(rule => lowerAscii(rule.source.host)));
  const targets: Address[] = [...parsed.unchanged];
  for (const { source, target } of parsed.exact) {
    const [from, to] = [lowerAscii(joinAddress(source)), lowerAscii(joinAddress(target))];
    const isSourceHost = target.host !== '' && sourceHosts.has(lowerAscii(target.host));
    if (!sources.has(to) && (to.includes(from) || !isSourceHost)) targets.push(target);
  }
  for (const { targetSuffix } of parsed.wildcards) {
    const host = targetSuffix.slice(1);
    if (!sources.has(lowerAscii(host))) targets.push({ prefix: '', host, port: '', path: '' });
  }
  return targets;
}

function measure({ source, pattern }: ExactRule): number {
  return joinAddress(source).length + (pattern.needsSlash ? 1 : 0);
}
