// Whether a journal is the one that the target knows. Each run that has changed a target database leaves there how far
// its journal was; so a journal that was cut, emptied, exchanged or copied is told before anything is done by it.

import { MigrationError } from '../errors.ts';
import type { JournalHead } from './chain.ts';

/** What the target knows of a run. */
export interface KnownHead extends JournalHead {
  /** Who wrote it, and where that one's run directory was. */
  readonly host: string;
  readonly directory: string;
  /** ISO 8601, UTC, of the server's clock. */
  readonly writtenAt: string;
}

export interface Here {
  readonly migrationId: string;
  readonly host: string;
  /** In full. */
  readonly directory: string;
}

/** Throws `migration_unreadable` when the journal whose lines have these hashes isn't, or is no longer, the one that
 *  the target knows. */
export function refuseForeignJournal(hashes: readonly string[], known: KnownHead | null, here: Here): void {
  if (!known || known.seq === 0) return;
  const found = hashes[known.seq - 1];
  if (found === known.hash) return;
  const { migrationId, directory } = here;
  const isElsewhere = known.host !== here.host || known.directory !== directory;
  const there = `${known.host}:${known.directory}`;
  const why =
    found === undefined
      ? `the target knows ${known.seq} events of it, the journal in ${directory} has ${hashes.length}`
      : `event ${known.seq} is another one for the target than in the journal in ${directory}`;
  const what = isElsewhere
    ? `Another copy of the directory of ${migrationId} has gone on, in ${there}, at ${known.writtenAt}`
    : `The journal of ${migrationId} has been cut, exchanged or edited since ${known.writtenAt}`;
  const next = isElsewhere
    ? `Work with that copy: it knows what is live.`
    : `Put back the journal as it was (a backup, another copy of the directory).`;
  throw new MigrationError('migration_unreadable', `${what}: ${why}.`, {
    hint: `Nothing was changed. ${next} What can be known here: wfuwp env-migrate status ${migrationId}`,
    details: { known, events: hashes.length },
  });
}
