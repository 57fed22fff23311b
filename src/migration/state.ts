// The state of a migration, folded from its journal. `foldEvent` is the only code that changes it; there is no setter
// anywhere else. Folding the same journal always gives the same state.

import type { ErrorRecord } from '../errors.ts';
import type { Pace } from './concurrency.ts';
import { groupLeft } from './copied-table.ts';
import type { CopiedChunk, CopiedTable, Drift, Recorded, Resource, StepData } from './events.ts';
import type { HookState } from './hooks.ts';
import type { PlannedTable } from './plan.ts';
import { mergeResults, type ValidationResult } from './validation.ts';
import type {
  HookName,
  MigrationId,
  MigrationStatus,
  PhaseName,
  PhaseStatus,
  SiteId,
  SiteStatus,
  StepName,
  StepStatus,
} from './words.ts';
import { NETWORK, PHASES, UNCHANGED } from './words.ts';

export interface StepState {
  status: StepStatus;
  attempts: number;
  startedAt?: string;
  endedAt?: string;
  data?: StepData;
  error?: ErrorRecord;
}

export interface SiteState {
  status: SiteStatus;
  attempts: number;
  startedAt?: string;
  endedAt?: string;
  rows?: number;
  bytes?: number;
  /** Why the site was skipped or aborted. */
  reason?: string;
  error?: ErrorRecord;
  steps: Partial<Record<StepName, StepState>>;
  /** What exists on the target because of this run, as far as the journal knows. Recorded before it is made, so an
   *  entry may name a thing that never came to be. */
  resources: Resource[];
  /** In place of the plan's: at the source some came or went before the site's turn. */
  tables?: readonly PlannedTable[];
  /** Its previous tables are given up: they can't be swapped back any more. */
  rollbackClosed?: true;
  /** What was tried of its pages, before the run and after. */
  validationResults?: readonly ValidationResult[];
  hooks?: Partial<Record<HookName, HookState>>;
}

export interface PhaseState {
  status: PhaseStatus;
  startedAt?: string;
  endedAt?: string;
  reason?: string;
  error?: ErrorRecord;
}

export interface MigrationState {
  version: 2;
  migrationId: MigrationId;
  source: string;
  target: string;
  status: MigrationStatus;
  planDigest: string;
  startedAt: string;
  updatedAt: string;
  endedAt?: string;
  /** Sequence number of the last event folded in. */
  lastSeq: number;
  /** Of the lease under which the run has last migrated. Absent: it never did, or by an older version. */
  fencing?: number;
  /** Hash of its line in the journal; absent where it wasn't said. */
  lastHash?: string;
  /** Time that processes have worked on the migration: without what lies between an end and a resume. Absent in
   *  snapshots of older versions. */
  workedMs?: number;
  error?: ErrorRecord;
  /** While the run goes on: how many sites may be in flight. */
  pace?: Pace;
  phases: Record<PhaseName, PhaseState>;
  network: SiteState | null;
  sites: Record<SiteId, SiteState>;
  /** What was tried of the target as a whole. */
  validationResults?: readonly ValidationResult[];
  hooks?: Partial<Record<HookName, HookState>>;
  /** What was found beside the plan's warnings, in a run or a resume. */
  warnings?: readonly { readonly code: string; readonly message: string }[];
  /** How the source has changed since the plan was made. Absent: not that anybody knows. */
  drift?: readonly Drift[];
}

export function initialState(migrationId: MigrationId): MigrationState {
  return {
    version: 2,
    migrationId,
    source: '',
    target: '',
    status: 'running',
    planDigest: '',
    startedAt: '',
    updatedAt: '',
    lastSeq: 0,
    phases: Object.fromEntries(
      PHASES.map(phase => [phase, { status: 'pending' }]),
    ) as MigrationState['phases'],
    network: null,
    sites: {},
  };
}

const newSite = (): SiteState => ({ status: 'pending', attempts: 0, steps: {}, resources: [] });

/** The unit's state; the network tables are kept apart from the sites. */
export function siteOf(state: MigrationState, siteId: SiteId): SiteState {
  if (siteId === NETWORK) {
    state.network ??= newSite();
    return state.network;
  }
  state.sites[siteId] ??= newSite();
  return state.sites[siteId];
}

function stepOf(state: MigrationState, siteId: SiteId, step: StepName): StepState {
  const site = siteOf(state, siteId);
  site.steps[step] ??= { status: 'pending', attempts: 0 };
  return site.steps[step];
}

/** Folds one journal line into `state`, in place. Lines must come in order. `hash`: of the line as it is written. */
export function foldEvent(state: MigrationState, line: Recorded, hash?: string): void {
  addWork(state, line);
  state.lastSeq = line.seq;
  if (hash === undefined) delete state.lastHash;
  else state.lastHash = hash;
  state.updatedAt = line.at;
  switch (line.type) {
    case 'migration.started':
      state.source = line.source;
      state.target = line.target;
      state.planDigest = line.planDigest;
      state.status = 'running';
      state.startedAt ||= line.at;
      delete state.endedAt;
      delete state.error;
      setPace(state, line.pace);
      setFencing(state, line.fencing);
      if (line.network) siteOf(state, NETWORK);
      for (const siteId of line.siteIds) siteOf(state, siteId);
      break;
    case 'migration.resumed':
      reopen(state, line.siteIds);
      setPace(state, line.pace);
      setFencing(state, line.fencing);
      break;
    case 'migration.tuned':
      setPace(state, line.pace);
      break;
    case 'concurrency.changed':
      if (state.pace) setPace(state, { ...state.pace, level: line.to, reason: line.reason });
      break;
    case 'migration.draining':
    case 'rollback.started':
    case 'cleanup.started':
      break;
    case 'migration.ended':
      state.status = line.status;
      state.endedAt = line.at;
      setPace(state, undefined);
      if (line.error) state.error = line.error;
      break;
    case 'migration.closed':
      state.status = 'closed';
      state.endedAt ??= line.at;
      setPace(state, undefined);
      break;
    case 'phase.started':
      state.phases[line.phase] = { status: 'in_progress', startedAt: line.at };
      break;
    case 'phase.completed':
      Object.assign(state.phases[line.phase], { status: 'completed', endedAt: line.at });
      break;
    case 'phase.failed':
      Object.assign(state.phases[line.phase], { status: 'failed', endedAt: line.at, error: line.error });
      break;
    case 'phase.skipped':
      state.phases[line.phase] = { status: 'skipped', reason: line.reason };
      break;
    case 'check.reported':
      if (line.lasting) addWarning(state, line);
      break;
    case 'site.started': {
      const site = siteOf(state, line.siteId);
      Object.assign(site, { status: 'in_progress', attempts: line.attempt, startedAt: line.at });
      delete site.endedAt;
      delete site.error;
      delete site.reason;
      delete site.hooks;
      forgetAfter(site);
      break;
    }
    case 'site.completed':
      Object.assign(siteOf(state, line.siteId), {
        status: 'completed',
        endedAt: line.at,
        rows: line.rows,
        bytes: line.bytes,
      });
      break;
    case 'site.failed':
    case 'site.timed_out': {
      const status = line.type === 'site.failed' ? 'failed' : 'timeout';
      Object.assign(siteOf(state, line.siteId), { status, endedAt: line.at, error: line.error });
      break;
    }
    case 'site.aborted':
      // An aborted site was interrupted through no fault of its own: a resume takes it up again.
      Object.assign(siteOf(state, line.siteId), { status: 'pending', endedAt: line.at, reason: line.reason });
      break;
    case 'site.skipped':
      Object.assign(siteOf(state, line.siteId), { status: 'skipped', endedAt: line.at, reason: line.reason });
      break;
    case 'drift.found':
      addDrift(state, line);
      if (line.tables) siteOf(state, line.siteId).tables = line.tables;
      break;
    case 'site.rolled_back':
      undoCutover(siteOf(state, line.siteId));
      if (isWhollyRolledBack(state)) state.status = 'rolled_back';
      break;
    case 'site.rollback_closed':
      siteOf(state, line.siteId).rollbackClosed = true;
      break;
    case 'step.started': {
      const step = stepOf(state, line.siteId, line.step);
      Object.assign(step, { status: 'in_progress', attempts: line.attempt, startedAt: line.at });
      delete step.error;
      delete step.endedAt;
      addResources(siteOf(state, line.siteId), line.resources ?? []);
      if (line.step === 'cut_over') delete siteOf(state, line.siteId).rollbackClosed;
      break;
    }
    case 'step.completed': {
      const step = stepOf(state, line.siteId, line.step);
      Object.assign(step, { status: 'completed', endedAt: line.at });
      delete step.error;
      if (line.data) step.data = line.data;
      if (line.step === 'cut_over') forgetStaging(siteOf(state, line.siteId));
      break;
    }
    case 'table.copied':
      setCopied(state, line.siteId, line.copied.table, groupLeft(line.copied));
      break;
    case 'table.discarded':
      setCopied(state, line.siteId, line.table, null);
      break;
    case 'chunk.copied':
      setChunk(state, line.siteId, line.chunk, line.chunk);
      break;
    case 'chunk.discarded':
      setChunk(state, line.siteId, line, null);
      break;
    case 'step.retried':
      stepOf(state, line.siteId, line.step).error = line.error;
      break;
    case 'step.failed':
      Object.assign(stepOf(state, line.siteId, line.step), {
        status: 'failed',
        endedAt: line.at,
        error: line.error,
      });
      break;
    case 'step.skipped':
      stepOf(state, line.siteId, line.step).status = 'skipped';
      break;
    case 'resource.removed': {
      const gone = new Set(line.resources.map(nameResource));
      const site = siteOf(state, line.siteId);
      site.resources = site.resources.filter(resource => !gone.has(nameResource(resource)));
      // What was built in staging is gone, and with it all that was proved of it.
      if (line.resources.some(resource => resource.kind === 'staging_table')) {
        for (const step of BUILT_IN_STAGING) delete site.steps[step];
      }
      if (line.resources.some(resource => resource.kind === 'previous_table')) site.rollbackClosed = true;
      break;
    }
    case 'site.validated':
    case 'migration.validated': {
      const unit = line.type === 'site.validated' ? siteOf(state, line.siteId) : state;
      unit.validationResults = mergeResults(unit.validationResults, line.results);
      break;
    }
    case 'hook.ended': {
      const unit = 'siteId' in line ? siteOf(state, line.siteId) : state;
      const { durationMs, error } = line;
      unit.hooks = {
        ...unit.hooks,
        [line.hook]: { endedAt: line.at, durationMs, ...(error ? { error } : {}) },
      };
      break;
    }
    case 'hook.started':
    case 'undo.failed':
      break;
  }
}

/** What a process writes first. A rollback may also be a part of the run (`automatic`). */
function isFirstOfProcess(line: Recorded): boolean {
  switch (line.type) {
    case 'migration.started':
    case 'migration.resumed':
    case 'cleanup.started':
      return true;
    case 'rollback.started':
      return !line.automatic;
    default:
      return false;
  }
}

/** Between the first line of a process and the last of the one before it nobody has worked, and the two may have had
 *  other clocks. */
function addWork(state: MigrationState, line: Recorded): void {
  if (isFirstOfProcess(line) || state.endedAt || state.updatedAt === '') return;
  const passedMs = Date.parse(line.at) - Date.parse(state.updatedAt);
  state.workedMs = (state.workedMs ?? 0) + (Math.max(0, passedMs) || 0);
}

/** What was tried of what is about to be replaced. */
function forgetAfter(site: SiteState): void {
  const { validationResults } = site;
  if (validationResults) site.validationResults = validationResults.filter(({ stage }) => stage === 'before');
}

/** The same is found again by another attempt; of a site's row only the last look counts. */
function addDrift(state: MigrationState, { siteId, kind, message }: Drift): void {
  const others = (state.drift ?? []).filter(
    known =>
      known.siteId !== siteId ||
      known.kind !== kind ||
      (kind === 'tables_changed' && known.message !== message),
  );
  state.drift = [...others, { siteId, kind, message }];
}

function addWarning(state: MigrationState, { code, message }: { code: string; message: string }): void {
  const known = state.warnings ?? [];
  if (!known.some(warning => warning.code === code && warning.message === message))
    state.warnings = [...known, { code, message }];
}

function setFencing(state: MigrationState, fencing: number | undefined): void {
  if (fencing !== undefined) state.fencing = fencing;
}

function setPace(state: MigrationState, pace: Pace | undefined): void {
  if (pace) state.pace = pace;
  else delete state.pace;
}

function addResources(site: SiteState, resources: readonly Resource[]): void {
  const known = new Set(site.resources.map(nameResource));
  site.resources.push(...resources.filter(resource => !known.has(nameResource(resource))));
}

const BUILT_IN_STAGING = ['copy_tables', 'verify_tables', 'merge_rows'] as const;

/** The swap has turned the staging tables into live ones. */
function forgetStaging(site: SiteState): void {
  site.resources = site.resources.filter(resource => resource.kind !== 'staging_table');
}

/** Nothing of what the migration did to the site holds any more: it would have to begin anew. */
function undoCutover(site: SiteState): void {
  site.status = 'rolled_back';
  site.steps = site.steps.roll_back ? { roll_back: site.steps.roll_back } : {};
  site.resources = site.resources.filter(resource => resource.kind === 'staging_table');
  delete site.error;
  delete site.reason;
}

/** Has the run come to an end of its own, or been closed? As long as it hasn't, what it keeps is still needed. */
export function isOver({ status }: Readonly<MigrationState>): boolean {
  return status !== 'running' && status !== 'paused' && status !== 'failed';
}

/** All that had been completed is as it was before. */
function isWhollyRolledBack({ network, sites }: MigrationState): boolean {
  const units = [...(network ? [network] : []), ...Object.values(sites)];
  return !units.some(unit => unit.status === 'completed' || canRollBack(unit));
}

/** Whether the site's previous tables can be swapped back, as far as the journal knows: it was cut over, and they were
 *  neither swapped back already nor given up. Whose they are by now only the target knows: a later run replaces them. */
export function canRollBack(site: SiteState): boolean {
  return site.steps.cut_over?.status === 'completed' && !site.rollbackClosed;
}

/** The same of a whole run: of any of its sites, or of its network tables. */
export function isRollbackAvailable({ network, sites }: MigrationState): boolean {
  return [...(network ? [network] : []), ...Object.values(sites)].some(canRollBack);
}

/** What copy_tables has so far; it survives a step that is broken off. */
function setCopied(state: MigrationState, siteId: SiteId, table: string, copied: CopiedTable | null): void {
  const step = stepOf(state, siteId, 'copy_tables');
  const others = copiedTables(step).filter(other => other.table !== table);
  const chunks = copiedChunks(step).filter(chunk => chunk.table !== table);
  step.data = describeCopied(copied ? [...others, copied] : others, chunks);
}

/** The same of a part of a big table, until the table is complete. */
function setChunk(
  state: MigrationState,
  siteId: SiteId,
  place: Pick<CopiedChunk, 'table' | 'from' | 'to'>,
  chunk: CopiedChunk | null,
): void {
  const step = stepOf(state, siteId, 'copy_tables');
  const others = copiedChunks(step).filter(
    other => other.table !== place.table || other.from !== place.from || other.to !== place.to,
  );
  step.data = describeCopied(copiedTables(step), chunk ? [...others, chunk] : others);
}

function describeCopied(tables: readonly CopiedTable[], chunks: readonly CopiedChunk[]): StepData {
  return chunks.length > 0 ? { tables, chunks } : { tables };
}

/** The tables of a site that are complete in staging. */
export function copiedTables(step: StepState | undefined): readonly CopiedTable[] {
  return (step?.data?.tables ?? []) as readonly CopiedTable[];
}

/** The parts of a site's big tables that are in staging, of those that aren't complete there. */
export function copiedChunks(step: StepState | undefined): readonly CopiedChunk[] {
  return (step?.data?.chunks ?? []) as readonly CopiedChunk[];
}

/** The one way back from an ended run: what has to run again is pending again; what was done stays done. */
function reopen(state: MigrationState, siteIds: readonly SiteId[]): void {
  state.status = 'running';
  delete state.endedAt;
  delete state.error;
  for (const phase of PHASES) {
    const { status } = state.phases[phase];
    if (status !== 'completed' && status !== 'skipped') state.phases[phase] = { status: 'pending' };
  }
  // These look at the whole run, so they look again.
  for (const phase of ['preflight', 'post_migration', 'cleanup'] as const)
    state.phases[phase] = { status: 'pending' };
  if (siteIds.some(siteId => siteId !== NETWORK)) state.phases.sites = { status: 'pending' };
  if (siteIds.includes(NETWORK)) state.phases.network_tables = { status: 'pending' };
  for (const siteId of siteIds) siteOf(state, siteId).status = 'pending';
}

const nameResource = (resource: Resource): string => `${resource.kind} ${resource.name}`;

/** `unchanged`: of the skipped ones, those that --only-changed has skipped. */
export type SiteCounts = Record<SiteStatus, number> & { total: number; unchanged: number };

/** How many sites stand in which status. The network tables are not counted. */
export function countSites(state: MigrationState): SiteCounts {
  const counts: SiteCounts = {
    total: 0,
    pending: 0,
    in_progress: 0,
    completed: 0,
    failed: 0,
    timeout: 0,
    skipped: 0,
    rolled_back: 0,
    unchanged: 0,
  };
  for (const site of Object.values(state.sites)) {
    counts[site.status] += 1;
    if (site.status === 'skipped' && site.reason === UNCHANGED) counts.unchanged += 1;
    counts.total += 1;
  }
  return counts;
}
