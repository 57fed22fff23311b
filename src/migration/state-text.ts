// The state as JSON text, for its file. The text of every task is kept and made again only when an event was about it:
// all at once, a network of thousands of sites would hold up the run for as long as it takes, every second.

import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Recorded } from './events.ts';
import { listTasks, type MigrationState } from './state.ts';
import type { TaskId } from './words.ts';

/** Tasks a turn: some milliseconds. */
const AT_ONCE = 200;

export class StateText {
  readonly #texts = new Map<TaskId, string>();
  readonly #changed = new Set<TaskId>();
  #isAll = false;

  /** Must see every event that the state has folded in since the first call of `of`. */
  mark(line: Recorded): void {
    if ('taskIds' in line) for (const taskId of line.taskIds) this.#changed.add(taskId);
    if ('taskId' in line) this.#changed.add(line.taskId);
  }

  /** The state of one moment, the one at which this resolves; the pieces may be read later. */
  async of(state: Readonly<MigrationState>): Promise<Iterable<string>> {
    if (!this.#isAll) for (const [taskId] of listTasks(state)) this.#changed.add(taskId);
    this.#isAll = true;
    while (this.#changed.size > AT_ONCE) {
      this.#renew(state, AT_ONCE);
      await nextTurn();
    }
    this.#renew(state, AT_ONCE);
    const { tasks: _, ...head } = state;
    return joinPieces(JSON.stringify(head), [...this.#texts.values()]);
  }

  #renew(state: Readonly<MigrationState>, count: number): void {
    let left = count;
    for (const taskId of this.#changed) {
      if (left === 0) return;
      left -= 1;
      this.#changed.delete(taskId);
      const task = state.tasks[taskId];
      if (task) this.#texts.set(taskId, `"${taskId}":${JSON.stringify(task)}`);
    }
  }
}

function* joinPieces(head: string, tasks: readonly string[]): Generator<string> {
  yield `${head.slice(0, -1)},"tasks":{`;
  for (const [index, task] of tasks.entries()) {
    if (index > 0) yield ',';
    yield task;
  }
  yield '}}\n';
}
