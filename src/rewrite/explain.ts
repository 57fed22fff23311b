// A rewriting that also tells where each match lies and what decided it. It is the engine's own account: its walk is
// traced, and a match counts as rewritten when the walk's edits have it.

import type { Buffer } from 'node:buffer';
import { createDecisions, decodeText, type MissReason } from './name-decision.ts';
import { parseRules, type RewriteRule } from './parse-rule.ts';
import { createEngine, type RewriteOptions } from './rewriter.ts';
import { type Judged, TraceRecorder, type Within } from './trace-recorder.ts';
import { type LeftReason, ValueWalk } from './walk-value.ts';

interface ExplainedPlace {
  /** In bytes from 0, in the value as it came in. */
  readonly offset: number;
  /** What it lies in: `text`, `JSON`, `serialized["theme"]["logo"]`; one within another, from the outside in, is
   *  joined by ` > `. */
  readonly place: string;
  readonly found: string;
}

export interface ExplainedMatch extends ExplainedPlace {
  /** What stands there now. */
  readonly text: string;
  readonly rule: RewriteRule;
}

/** Something that looks like a host of the rules, and stayed. */
export interface ExplainedStay extends ExplainedPlace {
  readonly reason: LeftReason | MissReason;
  /** Of broken data: where the token begins that can't be right, most often a wrong length. */
  readonly faultAt?: number;
}

/** The lists are in order of offset. */
export interface Explanation {
  /** The same object that came in, when nothing changed. */
  readonly value: Buffer;
  readonly changed: boolean;
  readonly matches: readonly ExplainedMatch[];
  readonly stayed: readonly ExplainedStay[];
  /** As the rewriter tells it: each reason once. */
  readonly left: readonly LeftReason[];
}

/** Does to a value what the rewriter does. Takes some hundred bytes and a microsecond for each match: for values that
 *  somebody will look at. Never throws. */
export type Explain = (value: Buffer) => Explanation;

/** Deeper places are cut off at the outside. */
const MOST_LABELS = 12;

/** Throws as createRewriter() does. */
export function createExplainer(rules: readonly RewriteRule[], options: RewriteOptions = {}): Explain {
  const engine = createEngine(rules, options);
  const nameDecision = createDecisions(parseRules(rules));
  return value => {
    const recorder = new TraceRecorder(nameDecision);
    const walk = new ValueWalk({ ...engine, trace: recorder });
    if (!walk.run(value)) return { value, changed: false, matches: [], stayed: [], left: [] };
    const { edits, left } = walk;
    const changed = edits.matches > 0;
    const judged = recorder.judged.sort((a, b) => a.start - b.start);
    const places = compare(value, judged, [...edits]);
    return { value: changed ? edits.apply(value) : value, changed, ...places, left: [...left] };
  };
}

interface Edit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Both lists are in order of their starts. */
function compare(
  value: Buffer,
  judged: readonly Judged[],
  edits: readonly Edit[],
): Pick<Explanation, 'matches' | 'stayed'> {
  const matches: ExplainedMatch[] = [];
  const stayed: ExplainedStay[] = [];
  let next = 0;
  for (const { start, end, within, decision, lost } of judged) {
    while (next < edits.length && edits[next]!.end <= start) next++;
    const edit = edits[next];
    const isCovered = edit !== undefined && edit.start <= start;
    const place = { offset: start, place: describePlace(within), found: value.toString('utf8', start, end) };
    if ('reason' in decision) stayed.push({ ...place, reason: decision.reason });
    else if (lost !== undefined) stayed.push({ ...place, ...lost });
    else if (!isCovered) stayed.push({ ...place, reason: 'key_collision' });
    else if (edit.start === start && edit.end === end)
      matches.push({ ...place, text: decodeText(edit.text), rule: decision.rule });
    // What is left is a match within a longer one, which was taken instead.
  }
  return { matches, stayed };
}

function describePlace(within: Within | undefined): string {
  const labels: string[] = [];
  let around = within;
  for (; around !== undefined && labels.length < MOST_LABELS; around = around.outer)
    labels.unshift(around.label);
  if (around !== undefined) labels.unshift('…');
  return labels.length === 0 ? 'text' : labels.join(' > ');
}
