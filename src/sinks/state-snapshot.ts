import type { MigrationState } from '../migration/state.ts';
import { StateText } from '../migration/state-text.ts';
import type { Sink } from './sink.ts';

/** More often would cost a large network its disk; less often shows `status` an older picture. A crash loses
 *  nothing either way, as the state is folded from the journal again. */
const INTERVAL_MS = 1_000;

/** A big state on a slow disk is written less often: it gets a tenth of the time. */
const REST = 9;

/** Keeps migration-state.json near the state: at most one write a second, one at a time, and a last one at the end. `say`:
 *  told the first time that it can't be written. */
export function createStateSnapshot(
  write: (text: Iterable<string>) => Promise<void>,
  say: (text: string) => void = () => {},
): Sink {
  const text = new StateText();
  let latest: MigrationState | null = null;
  let timer: NodeJS.Timeout | null = null;
  let saving: Promise<void> | null = null;
  let pauseMs = INTERVAL_MS;
  let isTold = false;

  const save = async (): Promise<void> => {
    const state = latest;
    if (!state) return;
    // What comes from here on is at most written twice.
    latest = null;
    const startedAt = performance.now();
    await text
      .of(state)
      .then(write)
      .catch((error: Error) => {
        if (!isTold) say(`${error.message} That is no loss: the journal has it all.`);
        isTold = true;
      });
    pauseMs = Math.max(INTERVAL_MS, REST * (performance.now() - startedAt));
  };

  const schedule = (): void => {
    if (timer || saving) return;
    timer = setTimeout(() => {
      timer = null;
      saving = save().finally(() => {
        saving = null;
        if (latest) schedule();
      });
    }, pauseMs).unref();
  };

  return {
    name: 'state-snapshot',
    onEvent(line, state) {
      latest = state;
      text.mark(line);
      schedule();
    },
    async close() {
      await saving;
      if (timer) clearTimeout(timer);
      await save();
    },
  };
}
