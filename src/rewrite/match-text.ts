// What a rule makes of the host run at one place of a text.

import type { Buffer } from 'node:buffer';
import { COLON, isHostByte, SLASH } from './bytes.ts';
import { isInEmailAddress } from './email-address.ts';
import type { HostRun } from './host-run.ts';
import { matchPattern, type PatternMatch } from './match-pattern.ts';
import type { ExactRule, Pattern } from './parse-rule.ts';
import { type Candidates, type RuleIndex, readRun } from './rule-index.ts';
import { type Form, PLAIN, readForm, readUnitAfter, readUnitBefore, skipPort } from './spelling.ts';

/** bytes[start, end) becomes `text` (latin1), or stays because it is an e-mail address. */
export interface TextMatch {
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly isEmail: boolean;
}

export type EmailPolicy = 'leave' | 'rewrite';

export function matchRun(
  bytes: Buffer,
  run: HostRun,
  index: RuleIndex,
  emails: EmailPolicy,
): TextMatch | undefined {
  const length = run.end - run.start;
  if (length === 0 || length > index.longestRun) return undefined;
  const isWhole = !run.continuesBefore && !run.continuesAfter;
  const candidates = isWhole ? index.findExact(bytes, run.start, run.end) : undefined;
  if (candidates !== undefined) {
    const match = matchCandidates(bytes, run, candidates, emails);
    if (match !== undefined) return match;
    if (readsAsTarget(bytes, run, candidates)) return undefined;
  }
  const mayBeWild = length >= index.shortestWild && !run.continuesAfter;
  return mayBeWild ? matchWildcard(bytes, run, index, emails) : undefined;
}

function matchCandidates(
  bytes: Buffer,
  run: HostRun,
  candidates: Candidates,
  emails: EmailPolicy,
): TextMatch | undefined {
  for (const rule of candidates.rules) {
    const match = matchPattern(bytes, rule.pattern, run.start, run.end);
    if (match === undefined) continue;
    if (isWithinTarget(bytes, run, candidates, match)) return undefined;
    return rewriteMatch(bytes, rule, match, emails);
  }
  return undefined;
}

export function readsAsTarget(bytes: Buffer, run: HostRun, { targets }: Candidates): boolean {
  return targets.some(target => matchTarget(bytes, target, run) !== undefined);
}

function isWithinTarget(
  bytes: Buffer,
  run: HostRun,
  { targets }: Candidates,
  { start, end }: PatternMatch,
): boolean {
  if (targets.length === 0) return false;
  return targets.some(target => {
    const found = matchTarget(bytes, target, run);
    return found !== undefined && found.start <= start && found.end >= end;
  });
}

/** A port that was found stays between the host and the path of a target, so it may stand there. */
function matchTarget(bytes: Buffer, target: Pattern, { start, end }: HostRun): PatternMatch | undefined {
  const found = matchPattern(bytes, target, start, end);
  if (found !== undefined || !target.anchorIsHost || !target.after.startsWith('/')) return found;
  const portEnd = skipPort(bytes, end);
  return portEnd < 0 ? undefined : matchPattern(bytes, target, start, portEnd);
}

function rewriteMatch(bytes: Buffer, rule: ExactRule, match: PatternMatch, emails: EmailPolicy): TextMatch {
  const { pattern, target } = rule;
  const { start, end } = match;
  if (pattern.anchorIsHost && pattern.before === '' && isInEmailAddress(bytes, start, end)) {
    return emails === 'leave'
      ? { start, end, text: '', isEmail: true }
      : { start, end: start + pattern.anchor.length, text: target.host, isEmail: false };
  }
  if (rule.isUnicodeHost && emails === 'leave' && isInEmailAddress(bytes, findHostStart(bytes, match), end))
    return { start, end, text: '', isEmail: true };
  if (rule.isPlain) return { start, end, text: target.host, isEmail: false };
  const form = chooseForm(bytes, match);
  const isBareHost = pattern.anchorIsHost && pattern.after === '';
  const portEnd = isBareHost ? Math.max(end, skipPort(bytes, end)) : end;
  // A port that was found stays, unless the target has its own.
  const port = target.port === '' ? bytes.toString('latin1', end, portEnd) : spell(target.port, form);
  const text = spell(target.prefix, form) + target.host + port + spell(target.path, form);
  return { start, end: portEnd, text, isEmail: false };
}

/** Of a suffix the labels before it belong to the host as well. */
function findHostStart(bytes: Buffer, { start }: PatternMatch): number {
  let first = start;
  while (first > 0 && (isHostByte(bytes[first - 1]) || bytes[first - 1]! >= 0x80)) first--;
  return first;
}

function matchWildcard(
  bytes: Buffer,
  run: HostRun,
  index: RuleIndex,
  emails: EmailPolicy,
): TextMatch | undefined {
  const rule = index.findWildcard(readRun(bytes, run.start, run.end));
  if (rule === undefined) return undefined;
  const isEmail = emails === 'leave' && isInEmailAddress(bytes, run.start, run.end);
  return {
    start: run.end - rule.sourceSuffix.length,
    end: run.end,
    text: isEmail ? '' : rule.targetSuffix,
    isEmail,
  };
}

/** The form of a slash in the match or right beside it, of another separator in the match, or plain. */
function chooseForm(bytes: Buffer, { start, end, separator }: PatternMatch): Form {
  if (separator?.code === SLASH) return readForm(bytes, separator);
  const before = readUnitBefore(bytes, start);
  if (before.code === SLASH) return readForm(bytes, before);
  const after = readUnitAfter(bytes, end);
  if (after.code === SLASH || after.code === COLON) return readForm(bytes, after);
  return separator === undefined ? PLAIN : readForm(bytes, separator);
}

function spell(text: string, form: Form): string {
  if (form === PLAIN) return text;
  let spelled = '';
  for (const char of text) spelled += isHostByte(char.charCodeAt(0)) ? char : form(char);
  return spelled;
}
