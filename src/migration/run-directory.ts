// The directory of one run: which files it has and what they are called. The journal is the truth; the others are
// written from it for people and programs to read.

import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { MigrationError } from '../errors.ts';
import { writeFileAtomic } from '../lib/write-file-atomic.ts';
import { digestUserMap, type UserMap } from '../policy/user-map.ts';
import { type JournalContent, readJournal } from './journal.ts';
import type { Plan } from './plan.ts';
import type { RunPolicy } from './policy.ts';
import type { SiteSelection } from './select-sites.ts';
import { foldEvent, initialState, type MigrationState } from './state.ts';
import type { Summary } from './summary.ts';
import type { MigrationId } from './words.ts';

/** What the run was told on the command line; a resume uses it again. No secrets. */
export interface SavedOptions {
  readonly source: string;
  readonly target: string;
  readonly planDigest: string;
  readonly policy: RunPolicy;
  readonly selection: SiteSelection;
  readonly networkOnly: boolean;
  readonly sitesOnly: boolean;
  /** Absent in runs of older versions: kept. */
  readonly targetOnlySites?: 'keep' | 'archive';
  readonly accept: readonly string[];
  /** `--confirm NAME` of the start: it holds for a resume too. */
  readonly confirmed: string | null;
}

export class RunDirectory {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  get journal(): string {
    return join(this.path, 'migration-journal.jsonl');
  }
  get state(): string {
    return join(this.path, 'migration-state.json');
  }
  get options(): string {
    return join(this.path, 'migration-config.json');
  }
  get plan(): string {
    return join(this.path, 'migration-plan.json');
  }
  /** Where users are merged: whose id becomes which. */
  get users(): string {
    return join(this.path, 'migration-users.json');
  }
  get progressLog(): string {
    return join(this.path, 'migration-progress.log');
  }
  get summary(): string {
    return join(this.path, 'migration-summary.json');
  }
  /** What an operator asks of the run; see control.ts. */
  get control(): string {
    return join(this.path, 'migration-control.json');
  }
  get lock(): string {
    return join(this.path, '.migration-lock');
  }

  async create(): Promise<void> {
    try {
      await mkdir(this.path, { recursive: true, mode: 0o750 });
    } catch (error) {
      throw new MigrationError('usage', `The run directory can't be made: ${(error as Error).message}`, {
        hint: 'Name a folder that can be written to: --log-dir DIR',
        cause: error,
      });
    }
  }

  /** Of a run that never began. */
  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }

  async removeControl(): Promise<void> {
    await rm(this.control, { force: true });
  }

  writePlan(plan: Plan): Promise<void> {
    return writeFileAtomic(this.plan, pretty(plan));
  }
  writeUsers(map: UserMap): Promise<void> {
    return writeFileAtomic(this.users, `${JSON.stringify({ version: 1, ...map })}\n`);
  }
  writeOptions(options: SavedOptions): Promise<void> {
    return writeFileAtomic(this.options, pretty(options));
  }
  /** `text`: in pieces, see state-text.ts. */
  writeState(text: Iterable<string>): Promise<void> {
    return writeFileAtomic(this.state, text);
  }
  writeSummary(summary: Summary): Promise<void> {
    return writeFileAtomic(this.summary, pretty(summary));
  }

  /** null: there is none, it can't be read, or another version has written it. */
  async readSummary(): Promise<Summary | null> {
    const summary = await readJson<Partial<Summary> | null>(this.summary).catch(() => null);
    return summary?.version === 1 ? (summary as Summary) : null;
  }
  readPlan(): Promise<Plan> {
    return readJson<Plan>(this.plan);
  }
  /** null: users aren't merged. Rejects when the file isn't the one that the plan speaks of. */
  async readUsers({ users }: Plan): Promise<UserMap | null> {
    if (!users?.merge) return null;
    const { knownUpTo, ids } = await readJson<UserMap>(this.users);
    const map = { knownUpTo, ids };
    if (
      Array.isArray(ids) &&
      digestUserMap(map) === users.merge.mapDigest &&
      knownUpTo === users.merge.sourceUpTo
    )
      return map;
    throw new MigrationError(
      'migration_unreadable',
      `${this.users} is not the one that the plan was made with.`,
      {
        hint: 'Without it nobody knows whose posts are whose; start the migration anew. What was swapped stays.',
      },
    );
  }
  readOptions(): Promise<SavedOptions> {
    return readJson<SavedOptions>(this.options);
  }
  /** The journal and the state that it comes to. */
  async readState(migrationId: MigrationId): Promise<{ state: MigrationState; journal: JournalContent }> {
    const journal = await this.#readJournal();
    const state = initialState(migrationId);
    for (const line of journal.lines) foldEvent(state, line);
    return { state, journal };
  }

  /** A run that died before its first line has no journal, nor anything that is written after it. */
  async #readJournal(): Promise<JournalContent> {
    try {
      return await readJournal(this.journal);
    } catch (error) {
      if (error instanceof MigrationError) throw error;
      const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
      if (missing && ![this.progressLog, this.state, this.summary].some(path => existsSync(path)))
        return { lines: [], soundBytes: 0, torn: false };
      const what = missing
        ? 'The journal is missing'
        : `The journal can't be read: ${(error as Error).message}`;
      throw new MigrationError('migration_unreadable', `${what}: ${this.journal}`, {
        hint: 'Without it nobody knows what is done; start the migration anew. What was swapped stays.',
        cause: error,
      });
    }
  }
}

async function readJson<T>(path: string): Promise<T> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as T;
  } catch (error) {
    throw new MigrationError('migration_unreadable', `${path} can't be read: ${(error as Error).message}`, {
      hint: "Without plan and options the run can't be resumed; start it anew. What was swapped stays.",
      cause: error,
    });
  }
}

const pretty = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** `env-migrate-2026-11-21T02-30-00-abc123`: sorts by time, and two runs of one second still differ. */
export function newMigrationId(now: Date): MigrationId {
  const at = now.toISOString().slice(0, 19).replaceAll(':', '-');
  return `env-migrate-${at}-${randomBytes(3).toString('hex')}` as MigrationId;
}
