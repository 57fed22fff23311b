// How far a rollback or a cleanup is. Both take one unit after the other, each in a moment: at a terminal one line
// counts, and elsewhere each unit has a line.

import { writeLines } from '../lib/show-lines.ts';
import { truncate } from '../lib/text.ts';
import type { Plan } from '../migration/plan.ts';
import type { TaskId } from '../migration/words.ts';
import { nameUnits } from './site-names.ts';

export interface UnitProgressOptions {
  readonly plan: Plan;
  /** How many there are to do. */
  readonly total: number;
  /** `rolled back`. */
  readonly deed: string;
  /** null: nobody is told. */
  readonly stream: NodeJS.WriteStream | null;
}

export interface UnitProgress extends Disposable {
  /** The unit is through; may be said twice of one that had to be done again. */
  done(taskId: TaskId): void;
  failed(taskId: TaskId): void;
}

/** Disposing of it leaves the cursor at the beginning of a line. */
export function createUnitProgress({ plan, total, deed, stream }: UnitProgressOptions): UnitProgress {
  const nameOf = nameUnits(plan);
  const through = new Set<TaskId>();
  const failures = new Set<TaskId>();
  const isTerminal = stream?.isTTY === true;
  // The terminal or the pipe may go away; the deed must not go with it.
  const ignore = (): void => {};
  stream?.on('error', ignore);

  const count = (): string => `${through.size} of ${total} ${deed}`;
  const say = (text: string): void => {
    if (!isTerminal) {
      if (stream) writeLines(stream, [`${new Date().toISOString().slice(11, 19)}Z  ${text}`]);
      return;
    }
    const failed = failures.size > 0 ? ` · ${failures.size} failed` : '';
    stream.write(`\r\u001b[K${truncate(`${count()}${failed}`, stream.columns - 1)}`);
  };
  return {
    done(taskId) {
      through.add(taskId);
      say(`${count()}: ${nameOf(taskId)}`);
    },
    failed(taskId) {
      failures.add(taskId);
      say(`NOT ${deed}: ${nameOf(taskId)}`);
    },
    [Symbol.dispose]() {
      if (isTerminal && through.size + failures.size > 0) stream.write('\r\u001b[K');
      stream?.off('error', ignore);
    },
  };
}
