// The matches of one value: finds them hit by hit and makes edits of those that stand.

import type { Buffer } from 'node:buffer';
import type { Edits } from './edits.ts';
import { Hits } from './hits.ts';
import { type HostRun, readHostRun } from './host-run.ts';
import { type EmailPolicy, matchRun, type TextMatch } from './match-text.ts';
import type { NeedleSearch } from './needle-search.ts';
import { chooseLongest } from './overlap.ts';
import type { RuleIndex } from './rule-index.ts';
import type { Trace } from './trace.ts';

export interface Engine {
  readonly index: RuleIndex;
  readonly searches: readonly NeedleSearch[];
  readonly emails: EmailPolicy;
  /** Only for who asks why. */
  readonly trace?: Trace;
}

export class MatchCollector {
  /** Matches found, whether they became edits or were dropped with something broken. */
  seen = 0;
  /** E-mail addresses left. */
  emails = 0;
  readonly #engine: Engine;
  readonly #edits: Edits;
  readonly #hits: Hits;
  /** A match that is not yet an edit, because one that overlaps it may be longer, and those that may. */
  #pending: TextMatch | undefined;
  #overlapping: TextMatch[] = [];
  #pendingEnd = 0;

  constructor(engine: Engine, edits: Edits) {
    this.#engine = engine;
    this.#edits = edits;
    this.#hits = new Hits(engine.searches);
  }

  reset(): void {
    this.seen = 0;
    this.emails = 0;
    this.#hits.reset();
    this.#pending = undefined;
    if (this.#overlapping.length > 0) this.#overlapping = [];
    this.#pendingEnd = 0;
  }

  /** The first hit at or after `from`; NO_HIT when there is none. */
  findHit(bytes: Buffer, from: number): number {
    return this.#hits.next(bytes, from);
  }

  /** Matches the host run at a hit, and returns where that run ends. */
  collect(bytes: Buffer, hit: number): number {
    const run = this.#readRun(bytes, hit);
    const match = matchRun(bytes, run, this.#engine.index, this.#engine.emails);
    this.#engine.trace?.judge(bytes, run, match);
    if (match === undefined) return run.next;
    if (match.isEmail) {
      this.emails++;
      return run.next;
    }
    this.seen++;
    if (match.start >= this.#pendingEnd && !this.#engine.index.reachesBack) this.flush();
    if (this.#pending === undefined) this.#pending = match;
    else this.#overlapping.push(match);
    this.#pendingEnd = Math.max(this.#pendingEnd, match.end);
    return run.next;
  }

  /** Makes edits of the pending matches; of those that overlap, the longest. */
  flush(): void {
    const pending = this.#pending;
    if (pending === undefined) return;
    this.#pending = undefined;
    if (this.#overlapping.length === 0) {
      this.#edits.addMatch(pending.start, pending.end, pending.text);
      return;
    }
    const chosen = chooseLongest([pending].concat(this.#overlapping));
    for (const { start, end, text } of chosen) this.#edits.addMatch(start, end, text);
    this.#overlapping = [];
  }

  /** A needle is made of host characters, so those of the hit need no look. */
  #readRun(bytes: Buffer, hit: number, isInEscapedString = false): HostRun {
    return readHostRun(bytes, hit - this.#hits.width + 1, hit, isInEscapedString);
  }

  /** Is there a match in bytes[from, to), which will not be read? */
  hasMatch(bytes: Buffer, from: number, to: number, isInEscapedString: boolean): boolean {
    let found = false;
    for (let hit = this.findHit(bytes, from); hit < to; ) {
      const run = this.#readRun(bytes, hit, isInEscapedString);
      const match = matchRun(bytes, run, this.#engine.index, this.#engine.emails);
      this.#engine.trace?.judge(bytes, run, match);
      found ||= match !== undefined && !match.isEmail;
      hit = this.findHit(bytes, run.next);
    }
    return found;
  }
}
