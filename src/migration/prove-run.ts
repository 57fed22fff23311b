// All that a run has written, read in full and held against each other: for whoever is about to act on it. A run whose
// files don't fit together is refused; what can be known of it, `status` still shows.

import { basename } from 'node:path';
import { MigrationError } from '../errors.ts';
import type { Recorded } from './events.ts';
import type { JournalContent } from './journal.ts';
import type { Plan } from './plan.ts';
import { readSnapshot } from './read-state.ts';
import type { RunDirectory, SavedOptions, Sealed } from './run-directory.ts';
import type { Seal } from './seal.ts';
import type { MigrationState } from './state.ts';

export interface ProvenRun {
  readonly plan: Plan;
  readonly options: SavedOptions;
  /** Folded from the whole journal. */
  readonly state: MigrationState;
  readonly journal: JournalContent;
  /** A version without hashes has begun it: what can't be proven of it is taken as it stands. */
  readonly isOld: boolean;
}

/** Throws `migration_unreadable`. */
export async function proveRun(directory: RunDirectory): Promise<ProvenRun> {
  // What is made from the journal first: read after it, it could be ahead of it in a run that is going on.
  const summary = await directory.readSummary();
  const snapshot = await readSnapshot(directory.state);
  const [plan, options, users] = await Promise.all([
    directory.readSealedPlan(),
    directory.readSealedOptions(),
    directory.readUsersSeal(),
  ]);
  const { state, journal } = await directory.readState(plan.value.migrationId);
  const isOld = !options.value.chained || !journal.isProven;
  const flaws = [
    ...findJournalFlaws(plan.value, options.value, journal),
    ...findFileFlaws({ plan, options, users }, journal.lines[0]),
    ...findLostEnd('state', snapshot?.state.lastSeq, journal),
    ...findLostEnd('summary', summary?.lastSeq, journal),
    ...(snapshot ? findSnapshotFlaws(snapshot, options.value, journal) : []),
  ];
  if (flaws.length === 0) return { plan: plan.value, options: options.value, state, journal, isOld };
  const id = basename(directory.path);
  throw new MigrationError('migration_unreadable', `Run ${id} is not as it was written. ${flaws.join(' ')}`, {
    hint:
      `Nothing was changed. Put back the files as they were (a backup, another copy of ${directory.path}); ` +
      `what can be known: wfuwp env-migrate status ${id}`,
    details: { path: directory.path, damage: flaws },
  });
}

function findJournalFlaws(plan: Plan, options: SavedOptions, { lines, isProven }: JournalContent): string[] {
  const [first] = lines;
  const owner = first?.type === 'migration.started' ? first.migrationId : undefined;
  if (owner !== undefined && owner !== plan.migrationId)
    return [`The journal is that of another run, ${owner}.`];
  return options.chained && !isProven
    ? ['The journal has lost the hashes that tell its lines from others.']
    : [];
}

function findFileFlaws(
  { plan, options, users }: { plan: Sealed<Plan>; options: Sealed<SavedOptions>; users: Seal | null },
  first: Recorded | undefined,
): string[] {
  const files = first?.type === 'migration.started' ? first.files : undefined;
  const isSealed = options.value.chained === true || files !== undefined;
  return [
    ...findSealFlaws('migration-plan.json', plan.seal, isSealed, files?.plan),
    ...findSealFlaws('migration-config.json', options.seal, isSealed, files?.options),
    ...(users ? findSealFlaws('migration-users.json', users, isSealed, files?.users) : []),
  ];
}

function findSealFlaws(name: string, { state, hash }: Seal, isSealed: boolean, known = hash): string[] {
  if (state === 'broken' || (state === 'missing' && isSealed))
    return [`${name} was changed after it was written.`];
  return hash === known ? [] : [`${name} is not the one that the journal was begun with.`];
}

function findLostEnd(who: string, known: number | undefined, { lines }: JournalContent): string[] {
  if (known === undefined || known <= lines.length) return [];
  return [`The journal has lost its end: the ${who} knows ${known} events, the journal ${lines.length}.`];
}

function findSnapshotFlaws(
  { state, seal }: { state: MigrationState; seal: Seal },
  options: SavedOptions,
  { hashes }: JournalContent,
): string[] {
  if (seal.state === 'broken' || (seal.state === 'missing' && options.chained)) return [CHANGED_SNAPSHOT];
  const hash = hashes[state.lastSeq - 1];
  const isForeign = state.lastHash !== undefined && hash !== undefined && state.lastHash !== hash;
  return isForeign ? [explainForeignSnapshot(state.lastSeq)] : [];
}

const CHANGED_SNAPSHOT =
  'migration-state.json was changed after it was written. It is made from the journal: if that is whole, remove it.';

function explainForeignSnapshot(seq: number): string {
  return `migration-state.json does not belong to the journal: event ${seq} is another one there.`;
}
