// The directory of one run: which files it has and what they are called. The journal is the truth; the others are
// written from it for people and programs to read.

import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { MigrationError } from '../errors.ts';
import { readWholeFile } from '../lib/open-file.ts';
import { writeFileAtomic } from '../lib/write-file-atomic.ts';
import { digestUserMap, type UserMap } from '../policy/user-map.ts';
import type { FileHashes } from './events.ts';
import { explainFileCause, explainFileError } from './file-errors.ts';
import { EMPTY_JOURNAL, type JournalContent, readJournal } from './journal.ts';
import type { Plan } from './plan.ts';
import type { RunPolicy } from './policy.ts';
import { makeRunFolder, proveRunFolder } from './run-folder.ts';
import { readSeal, type Seal, seal } from './seal.ts';
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
  /** The run's journal is a chain from its first line on, and its files are sealed. Absent in runs of older versions. */
  readonly chained?: true;
}

/** A file's content, and whether it is as it was written. */
export interface Sealed<T> {
  readonly value: T;
  readonly seal: Seal;
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

  /** For a new run, with the folder that holds the runs. */
  create(): Promise<void> {
    return makeRunFolder(this.path);
  }

  /** Before a run that is there is worked on: refuses a folder that isn't one of this user's own. */
  prove(): Promise<void> {
    return proveRunFolder(this.path);
  }

  /** Of a run that never began. */
  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true });
  }

  async removeControl(): Promise<void> {
    await rm(this.control, { force: true }).catch(error => {
      throw explainFileError(error, `removing ${this.control}`);
    });
  }

  writePlan(plan: Plan): Promise<void> {
    return write(this.plan, seal([pretty(plan)]));
  }
  writeUsers(map: UserMap): Promise<void> {
    return write(this.users, seal([`${JSON.stringify({ version: 1, ...map })}\n`]));
  }
  writeOptions(options: SavedOptions): Promise<void> {
    return write(this.options, seal([pretty(options)]));
  }
  /** `text`: in pieces, see state-text.ts. `proveLock` throws when the run is another process's by now. */
  writeState(text: Iterable<string>, proveLock?: () => void): Promise<void> {
    return write(this.state, seal(text), proveLock);
  }
  writeSummary(summary: Summary, proveLock?: () => void): Promise<void> {
    return write(this.summary, pretty(summary), proveLock);
  }

  /** null: there is none, it can't be read, or another version has written it. */
  async readSummary(): Promise<Summary | null> {
    const read = await readSealed<Partial<Summary> | null>(this.summary).catch(() => null);
    return read?.value?.version === 1 ? (read.value as Summary) : null;
  }
  async readPlan(): Promise<Plan> {
    return (await this.readSealedPlan()).value;
  }
  readSealedPlan(): Promise<Sealed<Plan>> {
    return readSealed<Plan>(this.plan);
  }
  /** Of the map of users, where there is one. */
  async readUsersSeal(): Promise<Seal | null> {
    const text = await readWholeFile(this.users).catch(() => null);
    return text === null ? null : readSeal(text);
  }
  /** null: users aren't merged. Rejects when the file isn't the one that the plan speaks of. */
  async readUsers({ users }: Plan): Promise<UserMap | null> {
    if (!users?.merge) return null;
    const { knownUpTo, ids } = (await readSealed<UserMap>(this.users)).value;
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
  async readOptions(): Promise<SavedOptions> {
    return (await this.readSealedOptions()).value;
  }
  readSealedOptions(): Promise<Sealed<SavedOptions>> {
    return readSealed<SavedOptions>(this.options);
  }
  /** Of the files that say what the run does. */
  async readHashes(): Promise<FileHashes> {
    const [plan, options, users] = await Promise.all([
      this.readSealedPlan(),
      this.readSealedOptions(),
      this.readUsersSeal(),
    ]);
    return { plan: plan.seal.hash, options: options.seal.hash, ...(users ? { users: users.hash } : {}) };
  }
  /** The journal and the state that it comes to. */
  async readState(migrationId: MigrationId): Promise<{ state: MigrationState; journal: JournalContent }> {
    const journal = await this.#readJournal();
    const state = initialState(migrationId);
    for (const [index, line] of journal.lines.entries()) foldEvent(state, line, journal.hashes[index]);
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
        return EMPTY_JOURNAL;
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

async function write(path: string, text: string | Iterable<string>, prove?: () => void): Promise<void> {
  try {
    await writeFileAtomic(path, text, prove);
  } catch (error) {
    throw explainFileError(error, `writing ${path}`);
  }
}

async function readSealed<T>(path: string): Promise<Sealed<T>> {
  try {
    const text = await readWholeFile(path);
    const { contentHash: _, ...value } = JSON.parse(text) as { contentHash?: string };
    return { value: value as T, seal: readSeal(text) };
  } catch (error) {
    throw new MigrationError('migration_unreadable', `${path} can't be read: ${explainFileCause(error)}`, {
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
