// The part of a journal that somebody wants to see.

import { basename } from 'node:path';
import { MigrationError } from '../errors.ts';
import type { EventLevel, Recorded } from '../migration/events.ts';
import { readJournalBackwards, readJournalLines } from '../migration/journal-lines.ts';
import type { Plan } from '../migration/plan.ts';
import { findNewestRun, findRun } from '../migration/store.ts';
import type { MigrationId, SiteId } from '../migration/words.ts';
import { type Following, followLog } from './follow-log.ts';

export const LEVELS = ['debug', 'info', 'warn', 'error'] as const satisfies readonly EventLevel[];

export interface LogQuestion {
  readonly logDir: string;
  /** Absent: the newest run. */
  readonly id: string | undefined;
  /** At most so many lines, from the end. */
  readonly last?: number | undefined;
  /** And all that is graver. */
  readonly level: EventLevel;
  readonly siteId?: SiteId | undefined;
}

export interface RunLog {
  readonly migrationId: MigrationId;
  /** For the addresses of the sites; empty when the plan can't be read. */
  readonly plan: Pick<Plan, 'sites'>;
  /** In the journal's order, read as they are asked for. Throws `migration_unreadable` where the journal is damaged,
   *  after the sound lines. */
  readonly lines: AsyncGenerator<Recorded, void, undefined>;
}

/** `follow`: goes on as the journal grows. */
export async function openLog(
  question: LogQuestion,
  follow?: Pick<Following, 'signal' | 'say'>,
): Promise<RunLog> {
  const { logDir, id } = question;
  const directory = id === undefined ? await findNewestRun(logDir) : await findRun(logDir, id);
  const plan = await directory.readPlan().catch(() => ({ sites: [] }));
  const { last } = question;
  const wants = chooseLines(question);
  const lines = follow
    ? followLog({ ...follow, directory, wants })
    : last === undefined
      ? readAll(directory.journal, wants)
      : readEnd(directory.journal, wants, last);
  return { migrationId: basename(directory.path) as MigrationId, plan, lines };
}

type Wants = (line: Recorded) => boolean;

function chooseLines({ level, siteId }: LogQuestion): Wants {
  const least = LEVELS.indexOf(level);
  return line =>
    LEVELS.indexOf(line.level) >= least &&
    (siteId === undefined || ('siteId' in line && line.siteId === siteId));
}

async function* readAll(journal: string, wants: Wants): AsyncGenerator<Recorded, void, undefined> {
  try {
    for await (const line of readJournalLines(journal)) if (wants(line)) yield line;
  } catch (error) {
    throw explainReading(error, journal);
  }
}

async function* readEnd(
  journal: string,
  wants: Wants,
  most: number,
): AsyncGenerator<Recorded, void, undefined> {
  const found: Recorded[] = [];
  let failure: unknown;
  try {
    for await (const line of readJournalBackwards(journal)) {
      if (wants(line)) found.push(line);
      // Before the next line is asked for: it may be damaged, and nobody wants it.
      if (found.length >= most) break;
    }
  } catch (error) {
    failure = explainReading(error, journal);
  }
  yield* found.reverse();
  if (failure) throw failure;
}

function explainReading(error: unknown, journal: string): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (error instanceof MigrationError || code === undefined) return error;
  const what = code === 'ENOENT' ? 'There is no journal' : `The journal can't be read (${message})`;
  return new MigrationError('migration_unreadable', `${what}: ${journal}`, { cause: error });
}
