// Starting a pair of environments that has an unfinished run: the user decides what is meant.

import { MigrationError } from '../errors.ts';
import { isDone, type RunEntry } from '../migration/read-run.ts';
import { listRuns } from '../migration/store.ts';
import { isInteractive, select } from './prompts.ts';
import { type Direction, refuseAgainstDirection } from './refuse-against-direction.ts';

export type Start = 'resume' | 'retry' | 'anew' | 'leave';

/** What the earlier runs have to say of this one: refuses it against their direction, and answers the newest of the pair
 *  that is not wholly done and that nobody works on. */
export async function lookBack(logDir: string, pair: Direction): Promise<RunEntry | null> {
  const runs = await listRuns(logDir);
  refuseAgainstDirection(runs, pair);
  return findIncomplete(runs, pair);
}

/** `runs`: oldest first. */
function findIncomplete(runs: readonly RunEntry[], { source, target }: Direction): RunEntry | null {
  const newest = runs.filter(run => run.source === source && run.target === target).at(-1);
  return newest && !isDone(newest) && !newest.holder && newest.damage.length === 0 ? newest : null;
}

/** Asks at a terminal. Without one nothing is started: `usage` with the commands to choose from. */
export async function chooseStart(run: RunEntry, show: (text: string) => void): Promise<Start> {
  const { id, sites, source, target } = run;
  const failed = sites.failed + sites.timeout;
  const leftOut = sites.skipped - sites.unchanged;
  const where = `${sites.completed + sites.unchanged} of ${sites.total - leftOut} sites are done, ${failed} failed, ${sites.pending + sites.in_progress} are left`;
  if (!isInteractive()) {
    throw new MigrationError(
      'usage',
      `The last migration ${source} → ${target} is not finished: ${where} (${id}).`,
      {
        hint: [
          `Go on with it:      wfuwp env-migrate --resume ${id} --yes`,
          `Only what failed:   wfuwp env-migrate --resume ${id} --retry-failed --yes`,
          `Start a new one:    wfuwp env-migrate ${source} ${target} --yes`,
        ],
      },
    );
  }
  const choice = await select<Start | 'show'>({
    message: `The last migration ${source} → ${target} is not finished: ${where}.`,
    flag: '--resume ID or --yes',
    choices: [
      { value: 'resume', label: 'Resume it' },
      ...(failed > 0 ? [{ value: 'retry' as const, label: `Retry only the ${failed} that failed` }] : []),
      { value: 'anew', label: 'Start anew' },
      { value: 'show', label: 'Show it, change nothing' },
    ],
  });
  if (choice !== 'show') return choice;
  show(`See it with:  wfuwp env-migrate status ${id}`);
  return 'leave';
}
