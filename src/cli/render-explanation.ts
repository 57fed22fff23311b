// What `rewrite --explain` says: one line for each place, in order.

import { joinParts, type Line, type Paint } from '../lib/paint.ts';
import { pluralize, truncate } from '../lib/text.ts';
import type { ExplainedMatch, ExplainedStay, Explanation } from '../rewrite/explain.ts';
import type { LeftReason } from '../rewrite/rewriter.ts';

const REASONS: Readonly<Record<ExplainedStay['reason'], string>> = {
  other_host: 'another host',
  other_address: 'a host of the rules, but with another scheme, port or path',
  already_target: 'reads as the target already',
  email: 'the host of an e-mail address',
  broken_serialized: 'in serialized data with a wrong length or count, or cut off',
  key_collision: 'a key, and its array or object has the new one already',
  too_deep: 'nested too deep',
};

/** What a user would not expect to be left. */
const HARM: ReadonlySet<LeftReason> = new Set(['broken_serialized', 'key_collision', 'too_deep']);

/** A long one would hide the rest of its line. */
const LONGEST_TEXT = 200;

/** `line`: counted from 1; null when the input is one value. */
export function renderExplanation(
  { matches, stayed }: Pick<Explanation, 'matches' | 'stayed'>,
  { line, paint }: { line: number | null; paint: Paint },
): Line[] {
  const where = line === null ? '' : `line ${line}, `;
  return [...matches, ...stayed]
    .sort((a, b) => a.offset - b.offset)
    .map(place =>
      joinParts(`${where}byte ${place.offset}, ${quote(place.place)}: `, ...describe(place, paint)),
    );
}

function describe(place: ExplainedMatch | ExplainedStay, paint: Paint): Line[] {
  const found = quote(place.found);
  if ('reason' in place) {
    const fault = place.faultAt === undefined ? '' : `; the fault is at byte ${place.faultAt}`;
    return [`${found} `, paint('yellow', 'stays'), `: ${REASONS[place.reason]}${fault}`];
  }
  const { from, to } = place.rule;
  const rule = from === place.found && to === place.text ? '' : ` (rule ${quote(from)} → ${quote(to)})`;
  return [`${found} → `, paint('green', quote(place.text)), rule];
}

function quote(text: string): string {
  return truncate(text, LONGEST_TEXT);
}

/** The last line of an explanation. */
export function renderPlaceCounts(counts: { readonly rewritten: number; readonly stayed: number }): string {
  const { rewritten, stayed } = counts;
  return rewritten + stayed === 0
    ? 'Nothing matches a rule.'
    : `${pluralize(rewritten, 'place')} rewritten, ${stayed} stayed.`;
}

/** A line for each reason, with the number of values that hold something with it; none when all went well. */
export function renderHarm(left: ReadonlyMap<LeftReason, number>, hint: readonly string[]): string[] {
  const lines = [...left]
    .filter(([reason]) => HARM.has(reason))
    .map(([reason, count]) => `  ${pluralize(count, 'value')}: ${REASONS[reason]}`);
  return lines.length === 0 ? [] : ['Not, or not wholly, rewritten:', ...lines, ...hint];
}
