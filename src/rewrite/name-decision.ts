// Why the engine did with a run of host characters what it did, in the words of the rules.

import { Buffer } from 'node:buffer';
import type { HostRun } from './host-run.ts';
import { matchPattern } from './match-pattern.ts';
import { readsAsTarget, type TextMatch } from './match-text.ts';
import { joinAddress, lowerAscii, type ParsedRules, type RewriteRule } from './parse-rule.ts';
import { createRuleIndex, readRun } from './rule-index.ts';

/** Why no rule changed it. `other_host`: it only looks like a host of the rules. `other_address`: that host, but not
 *  the rule's scheme, port or path. `already_target`: it reads as a target. */
export type MissReason = 'email' | 'other_host' | 'other_address' | 'already_target';

/** The rule that matched or the reason that none did; undefined for a run that has nothing to do with the rules. */
export type Decision = { readonly rule: RewriteRule } | { readonly reason: MissReason } | undefined;

/** `match`: what the engine made of the run. */
export type NameDecision = (bytes: Buffer, run: HostRun, match: TextMatch | undefined) => Decision;

export function createDecisions(parsed: ParsedRules): NameDecision {
  const index = createRuleIndex(parsed);
  const hosts = [
    ...parsed.exact.filter(rule => rule.pattern.anchorIsHost).map(rule => rule.pattern.anchor),
    ...parsed.wildcards.map(rule => rule.sourceSuffix),
  ];
  const targetHosts = new Set(parsed.exact.map(rule => lowerAscii(rule.target.host)));
  const targetSuffixes = parsed.wildcards.map(rule => lowerAscii(rule.targetSuffix));

  /** The first that matches, as in the engine. */
  const findRule = (bytes: Buffer, { start, end }: HostRun): RewriteRule | undefined => {
    for (const { pattern, source, target } of index.findExact(bytes, start, end)?.rules ?? []) {
      if (matchPattern(bytes, pattern, start, end) === undefined) continue;
      const slash = pattern.needsSlash ? '/' : '';
      return { from: decodeText(joinAddress(source)) + slash, to: decodeText(joinAddress(target)) + slash };
    }
    const wildcard = index.findWildcard(readRun(bytes, start, end));
    return wildcard && { from: `*${wildcard.sourceSuffix}`, to: `*${wildcard.targetSuffix}` };
  };

  const explainMiss = (bytes: Buffer, run: HostRun): MissReason | undefined => {
    const isWhole = !run.continuesBefore && !run.continuesAfter;
    const candidates = isWhole ? index.findExact(bytes, run.start, run.end) : undefined;
    if (candidates !== undefined && readsAsTarget(bytes, run, candidates)) return 'already_target';
    if (candidates?.rules.some(rule => rule.pattern.anchorIsHost)) return 'other_address';
    const text = readRun(bytes, run.start, run.end);
    const isTarget = targetHosts.has(text) || targetSuffixes.some(suffix => text.endsWith(suffix));
    if (isTarget) return 'already_target';
    return hosts.some(host => text.includes(host)) ? 'other_host' : undefined;
  };

  return (bytes, run, match) => {
    if (match?.isEmail) return { reason: 'email' };
    const rule = match && findRule(bytes, run);
    if (rule !== undefined) return { rule };
    const reason = explainMiss(bytes, run);
    return reason && { reason };
  };
}

/** Rules and replacements are kept in latin1, one character per byte. */
export function decodeText(latin1: string): string {
  return Buffer.from(latin1, 'latin1').toString('utf8');
}
