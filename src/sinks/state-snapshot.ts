import type { MigrationState } from '../migration/state.ts';
import type { Sink } from './sink.ts';

/** More often would cost a large network its disk; less often shows `status` an older picture. A crash loses
 *  nothing either way, as the state is folded from the journal again. */
const INTERVAL_MS = 1_000;

/** Keeps migration-state.json near the state: at most one write a second, one at a time, and a last one at the end. */
export function createStateSnapshot(write: (state: Readonly<MigrationState>) => Promise<void>): Sink {
  let latest: MigrationState | null = null;
  let timer: NodeJS.Timeout | null = null;
  let writing: Promise<void> = Promise.resolve();

  const save = (): void => {
    timer = null;
    const state = latest;
    if (!state) return;
    latest = null;
    // A snapshot that can't be written (disk full) is no loss: the journal has it all.
    writing = writing.then(() => write(state)).catch(() => {});
  };

  return {
    name: 'state-snapshot',
    onEvent(_line, state) {
      latest = state;
      timer ??= setTimeout(save, INTERVAL_MS).unref();
    },
    async close() {
      if (timer) clearTimeout(timer);
      save();
      await writing;
    },
  };
}
