import { listHookFailures } from './hooks.ts';
import type { MigrationState } from './state.ts';
import { isTrouble, listResults } from './validation.ts';

/** Every site may be migrated, and yet something about the target isn't well. */
export function hasTroubles(state: Readonly<MigrationState>): boolean {
  return listResults(state).some(isTrouble) || listHookFailures(state).length > 0;
}
