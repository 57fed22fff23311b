import { MigrationError } from '../errors.ts';
import { pluralize } from '../lib/text.ts';
import type { RunEntry } from '../migration/read-run.ts';

export interface Direction {
  readonly source: string;
  readonly target: string;
  /** `--confirm NAME`. */
  readonly confirmed: string | null;
}

/** Source and target exchanged is the mistake that costs a production: an environment that was copied from in earlier runs,
 *  and never replaced, is not replaced without its name. Throws `preflight_refused`. `runs`: those of the log directory,
 *  oldest first. */
export function refuseAgainstDirection(
  runs: readonly RunEntry[],
  { source, target, confirmed }: Direction,
): void {
  if (confirmed === target) return;
  const copied = runs.filter(run => run.source === target);
  if (copied.length === 0 || runs.some(run => run.target === target)) return;
  const last = copied.at(-1)!;
  throw new MigrationError(
    'preflight_refused',
    `"${target}" would be replaced, and so far it was only copied from: ${pluralize(copied.length, 'run')} of this ` +
      `log directory, the last one ${last.source} → ${last.target}.`,
    {
      hint: `Did you mean: wfuwp env-migrate ${target} ${source}? If "${target}" shall be replaced: --confirm ${target}`,
      details: { runs: copied.length, last: last.id },
    },
  );
}
