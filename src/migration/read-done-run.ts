import type { SiteCounts } from './count-sites.ts';
import type { Recorded } from './events.ts';
import { readJournalBackwards } from './journal-lines.ts';
import type { RunDirectory } from './run-directory.ts';
import type { Summary } from './summary.ts';

/** Short cut for the many runs of a folder that are wholly done: the summary of a network of 500 sites is a hundredth
 *  of its state. null: not done, or the summary isn't the one of the journal's end; then read the state. Never throws. */
export async function readDoneRun(
  directory: RunDirectory,
): Promise<{ summary: Summary; sites: SiteCounts } | null> {
  try {
    const last = await readLastLine(directory.journal);
    if (last?.type !== 'migration.ended' || last.status !== 'completed') return null;
    const summary = await directory.readSummary();
    if (summary?.lastSeq !== last.seq || summary.status !== 'completed') return null;
    // The state counts what the plan leaves out, the summary has a list of it.
    const { sites, leftOut } = summary;
    return {
      summary,
      sites: { ...sites, skipped: sites.skipped + leftOut.length, total: sites.total + leftOut.length },
    };
  } catch {
    return null;
  }
}

export async function readLastLine(journal: string): Promise<Recorded | null> {
  // Leaving the loop closes the file.
  for await (const line of readJournalBackwards(journal)) return line;
  return null;
}
