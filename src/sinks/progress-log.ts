import { closeSync, writeSync } from 'node:fs';
import { openToAppendSync } from '../lib/open-file.ts';
import { showLine } from '../lib/show-lines.ts';
import { explainFileError } from '../migration/file-errors.ts';
import type { Plan } from '../migration/plan.ts';
import { describeEvent } from './describe-event.ts';
import type { Sink } from './sink.ts';
import { nameUnits } from './site-names.ts';

/** migration-progress.log: what happened, for people, a line an event; a resume goes on at its end. Times are UTC.
 *  Written at once, so that the last line before a crash is there. Throws when the file can't be opened. `say`: told when
 *  it can't be written any more. */
export function createProgressLog(
  path: string,
  plan: Pick<Plan, 'sites'>,
  say: (text: string) => void = () => {},
): Sink {
  const nameOf = nameUnits(plan);
  let file: number | null = openLog(path);
  return {
    name: 'progress-log',
    onEvent(line) {
      if (file === null) return;
      const at = line.at.replace('T', ' ');
      const text = `${at}  ${line.level.toUpperCase().padEnd(5)}  ${describeEvent(line, nameOf)}`;
      try {
        writeSync(file, `${showLine(text)}\n`);
      } catch (error) {
        say(`${explainFileError(error, `writing ${path}`).message} It ends here; the journal goes on.`);
        throw error;
      }
    },
    async close() {
      if (file !== null) closeSync(file);
      // The number may be another file's by now.
      file = null;
    },
  };
}

function openLog(path: string): number {
  try {
    return openToAppendSync(path);
  } catch (error) {
    throw explainFileError(error, `opening ${path}`);
  }
}
