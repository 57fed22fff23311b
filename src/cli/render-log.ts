import { createPaint, joinParts } from '../lib/paint.ts';
import { type Shown, showLine } from '../lib/show-lines.ts';
import type { EventLevel, Recorded } from '../migration/events.ts';
import type { Plan } from '../migration/plan.ts';
import { describeEvent } from '../sinks/describe-event.ts';
import { nameUnits } from '../sinks/site-names.ts';

const STYLES = { debug: 'dim', info: 'reset', warn: 'yellow', error: 'red' } as const satisfies Record<
  EventLevel,
  string
>;

/** Makes the function that tells a line of the journal as migration-progress.log does. Times are UTC. */
export function createLogRenderer(
  plan: Pick<Plan, 'sites'>,
  options: { colors: boolean },
): (line: Recorded) => Shown {
  const paint = createPaint(options.colors);
  const nameOf = nameUnits(plan);
  return line => {
    const level = paint(STYLES[line.level], line.level.toUpperCase().padEnd(5));
    const at = paint('dim', line.at.replace('T', ' '));
    return showLine(joinParts(at, '  ', level, `  ${describeEvent(line, nameOf)}`));
  };
}
