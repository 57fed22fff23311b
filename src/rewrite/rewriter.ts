// The rewriting engine: bytes in, bytes out. Knows hosts, PHP-serialized data and the forms in which text is
// escaped; knows no database and no site.

import type { Buffer } from 'node:buffer';
import { readBase64 } from './base64-value.ts';
import { chooseNeedles, chooseScanNeedles } from './choose-needles.ts';
import type { Engine } from './collect-matches.ts';
import type { EmailPolicy } from './match-text.ts';
import { createSearches } from './needle-search.ts';
import { parseRules, type RewriteRule } from './parse-rule.ts';
import { createRuleIndex } from './rule-index.ts';
import { type LeftReason, ValueWalk } from './walk-value.ts';

export type { LeftReason, RewriteRule };

export interface RewriteOptions {
  /** What becomes of `joe@prod.example.edu`. Default: leave. */
  readonly emails?: EmailPolicy;
}

export interface RewriteResult {
  /** The same object that came in, when nothing changed. */
  readonly value: Buffer;
  readonly changed: boolean;
  /** How many places rules changed; lengths that follow don't count. */
  readonly matches: number;
  /** Why something with a source host was left; each reason once. */
  readonly left: readonly LeftReason[];
}

/** Stateless: may be used for many values at once, and forever. */
export interface Rewriter {
  /** Byte strings (lower case, ASCII), at least one of which, in any letter case, occurs in a value for any rule to
   *  match. Few, so that a server can scan for them. */
  readonly needles: readonly string[];
  /** The index of a byte of the first thing in buffer[start, end) that a rule could match, or -1. It may turn out to
   *  match nothing; but nothing that ends before that byte, or at it, does match. */
  findHit(buffer: Buffer, start: number, end: number): number;
  /** Never throws, whatever the bytes. */
  rewrite(value: Buffer): RewriteResult;
  /** The same for a value that may be base64: one that is, as a whole, and has something of the source in it, is
   *  decoded, rewritten and encoded again in its alphabet; any other is what it is to rewrite(). For columns that are
   *  known to hold such values: findHit() and a scan for needles don't see into them. */
  rewriteBase64(value: Buffer): RewriteResult;
}

const NOTHING_LEFT: readonly LeftReason[] = [];

/** Throws MigrationError('config_invalid') on rules that are unusable or contradict each other. Without rules it is
 *  a rewriter that changes nothing. */
export function createRewriter(rules: readonly RewriteRule[], options: RewriteOptions = {}): Rewriter {
  const engine = createEngine(rules, options);
  const { index, searches } = engine;
  const walk = new ValueWalk(engine);
  const rewrite = (value: Buffer): RewriteResult =>
    walk.run(value) ? finishValue(value, walk) : { value, changed: false, matches: 0, left: NOTHING_LEFT };
  return {
    needles: chooseScanNeedles(index.anchors),
    findHit(buffer, start, end) {
      let first = -1;
      for (const search of searches) {
        const hit = search.find(buffer, start, first < 0 ? end : first);
        if (hit >= 0) first = hit;
      }
      return first;
    },
    rewrite,
    rewriteBase64(value) {
      const base64 = readBase64(value);
      if (base64 === undefined) return rewrite(value);
      const inner = rewrite(base64.decoded);
      if (inner.changed) return { ...inner, value: base64.encode(inner.value) };
      return inner.left.length > 0 ? { ...inner, value } : rewrite(value);
    },
  };
}

export function createEngine(rules: readonly RewriteRule[], options: RewriteOptions): Engine {
  const index = createRuleIndex(parseRules(rules));
  const searches = createSearches(chooseNeedles(index.anchors));
  return { index, searches, emails: options.emails ?? 'leave' };
}

function finishValue(value: Buffer, { edits, left }: ValueWalk): RewriteResult {
  const changed = edits.matches > 0;
  return {
    value: changed ? edits.apply(value) : value,
    changed,
    matches: edits.matches,
    left: left.size === 0 ? NOTHING_LEFT : [...left],
  };
}
