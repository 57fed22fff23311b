// How far the migration is: one picture, folded from events and ticks, that feeds every display. A tick costs one
// look-up; reading the picture costs the sites in flight, never all sites of the network.

import type { Pace } from '../migration/concurrency.ts';
import type { Recorded, Tick } from '../migration/events.ts';
import type { Plan } from '../migration/plan.ts';
import type { MigrationState } from '../migration/state.ts';
import { NETWORK } from '../migration/task-ids.ts';
import { countPercent, SITE_OVERHEAD_BYTES } from '../migration/weigh-work.ts';
import type { PhaseName, StepName, TaskId, TaskStatus } from '../migration/words.ts';
import { Rate } from './rate.ts';
import { nameUnits } from './site-names.ts';

/** Shorter: the time left jumps about. Longer: it takes as long to believe that a server has slowed down. */
const PACE_WINDOW_MS = 5 * 60_000;
const THROUGHPUT_WINDOW_MS = 10_000;

/** Before this, a guess at the time left is worth less than none. */
const ETA_AFTER_MS = 3_000;

export interface SiteInFlight {
  readonly taskId: TaskId;
  readonly name: string;
  readonly step: StepName | null;
  /** What the last tick was about; empty before the first. */
  readonly table: string;
  /** Landed in this attempt at copying. */
  readonly bytes: number;
  /** As planned: the server's estimate. */
  readonly sizeBytes: number;
  readonly elapsedMs: number;
  /** Since it was last heard of: an event or a tick. */
  readonly quietMs: number;
  /** Why the step is waiting for its next attempt. */
  readonly retrying: string | null;
}

export interface ProgressSnapshot {
  readonly phase: PhaseName | null;
  readonly draining: boolean;
  /** Why nothing new is started, as long as that is so. */
  readonly held: 'operator' | 'source' | null;
  /** Sites of the plan; the network tables are not counted. */
  readonly total: number;
  readonly done: number;
  /** With those that timed out. */
  readonly failed: number;
  readonly skipped: number;
  /** Of the work, which is bytes and sites together; 100 only when nothing is left. */
  readonly percent: number;
  /** In planned bytes, so that it ends at `bytesTotal`. */
  readonly bytesDone: number;
  readonly bytesTotal: number;
  readonly bytesPerSecond: number;
  readonly sitesPerMinute: number | null;
  readonly etaMs: number | null;
  readonly inFlight: readonly SiteInFlight[];
}

type Outcome = 'done' | 'failed' | 'skipped';

interface Flight {
  readonly startedAt: number;
  readonly name: string;
  readonly sizeBytes: number;
  step: StepName | null;
  table: string;
  bytes: number;
  heardAt: number;
  retrying: string | null;
}

export class Progress {
  readonly #now: () => number;
  readonly #nameOf: (taskId: TaskId) => string;
  readonly #sizes: ReadonlyMap<TaskId, number>;
  readonly #total: number;
  readonly #bytesTotal: number;
  readonly #pace = new Rate(PACE_WINDOW_MS);
  readonly #sitePace = new Rate(PACE_WINDOW_MS);
  readonly #throughput = new Rate(THROUGHPUT_WINDOW_MS);
  readonly #settled = new Map<TaskId, Outcome>();
  readonly #flights = new Map<TaskId, Flight>();
  #counts = { done: 0, failed: 0, skipped: 0 };
  #settledBytes = 0;
  #settledUnits = 0;
  #bytesMoved = 0;
  #phase: PhaseName | null = null;
  #draining = false;
  #held: ProgressSnapshot['held'] = null;
  #pacedSince = 0;

  /** `now` in milliseconds, of any clock that doesn't jump. */
  constructor(plan: Plan, now: () => number) {
    this.#now = now;
    this.#nameOf = nameUnits(plan);
    const units: [TaskId, number][] = plan.sites.map(site => [site.taskId, site.sizeBytes]);
    if (plan.network)
      units.push([NETWORK, plan.network.tables.reduce((sum, table) => sum + table.sizeBytes, 0)]);
    this.#sizes = new Map(units);
    this.#total = plan.sites.length;
    this.#bytesTotal = units.reduce((sum, [, sizeBytes]) => sum + sizeBytes, 0);
    this.#restartRates();
  }

  onEvent(line: Recorded, state: MigrationState): void {
    if ('taskId' in line) {
      const flight = this.#flights.get(line.taskId);
      if (flight) flight.heardAt = this.#now();
    }
    switch (line.type) {
      case 'migration.started':
      case 'migration.resumed':
        this.#adopt(state);
        break;
      case 'migration.draining':
        this.#draining = true;
        break;
      case 'migration.tuned':
      case 'concurrency.changed':
        this.#held = explainHold(state.pace);
        break;
      case 'phase.started':
        this.#phase = line.phase;
        this.#restartRates();
        break;
      case 'task.started':
        this.#unsettle(line.taskId);
        this.#flights.set(line.taskId, this.#takeOff(line.taskId));
        break;
      case 'task.completed':
        this.#settle(line.taskId, 'done');
        break;
      case 'task.failed':
      case 'task.timed_out':
        this.#settle(line.taskId, 'failed');
        break;
      case 'task.skipped':
        this.#settle(line.taskId, 'skipped');
        break;
      case 'task.aborted':
        this.#flights.delete(line.taskId);
        break;
      case 'step.started':
        this.#startStep(line.taskId, line.step);
        break;
      case 'step.retried': {
        const flight = this.#flights.get(line.taskId);
        if (flight) flight.retrying = line.error.code;
        break;
      }
    }
  }

  onTick(tick: Tick): void {
    const flight = this.#flights.get(tick.taskId);
    if (!flight) return;
    flight.heardAt = this.#now();
    flight.table = tick.table;
    // Proving a table reads its bytes again; only what lands counts.
    if (tick.step === 'verify_tables') return;
    this.#bytesMoved += tick.bytes;
    if (tick.step === 'copy_tables') flight.bytes += tick.bytes;
  }

  read(): ProgressSnapshot {
    const now = this.#now();
    const { done, failed, skipped } = this.#counts;
    const bytesDone = this.#settledBytes + this.#countBytesInFlight();
    const workDone = bytesDone + this.#settledUnits * SITE_OVERHEAD_BYTES;
    const workTotal = this.#bytesTotal + this.#sizes.size * SITE_OVERHEAD_BYTES;
    const workLeft = workTotal - workDone;
    const pace = this.#pace.measure(now, workDone);
    const sitePace = this.#sitePace.measure(now, done + failed);
    const throughput = this.#throughput.measure(now, this.#bytesMoved);
    const isPaced = pace !== null && pace > 0 && now - this.#pacedSince >= ETA_AFTER_MS;
    return {
      phase: this.#phase,
      draining: this.#draining,
      held: this.#held,
      total: this.#total,
      done,
      failed,
      skipped,
      percent: countPercent(workDone, workTotal),
      bytesDone,
      bytesTotal: this.#bytesTotal,
      bytesPerSecond: Math.round((throughput ?? 0) * 1_000),
      sitesPerMinute: sitePace ? sitePace * 60_000 : null,
      etaMs: isPaced && workLeft > 0 ? workLeft / pace : null,
      inFlight: [...this.#flights].map(([taskId, { startedAt, heardAt, ...flight }]) => ({
        taskId,
        ...flight,
        elapsedMs: now - startedAt,
        quietMs: now - heardAt,
      })),
    };
  }

  /** A resumed run starts with what earlier ones settled. */
  #adopt(state: MigrationState): void {
    const outcomes: Partial<Record<TaskStatus, Outcome>> = {
      completed: 'done',
      failed: 'failed',
      timeout: 'failed',
      skipped: 'skipped',
    };
    for (const taskId of this.#sizes.keys()) {
      const site = taskId === NETWORK ? state.network : state.sites[taskId];
      const outcome = site && outcomes[site.status];
      if (outcome) this.#settle(taskId, outcome);
    }
    this.#restartRates();
  }

  #takeOff(taskId: TaskId): Flight {
    const now = this.#now();
    const sizeBytes = this.#sizes.get(taskId) ?? 0;
    return {
      startedAt: now,
      heardAt: now,
      name: this.#nameOf(taskId),
      sizeBytes,
      step: null,
      table: '',
      bytes: 0,
      retrying: null,
    };
  }

  #startStep(taskId: TaskId, step: StepName): void {
    const flight = this.#flights.get(taskId);
    if (!flight) return;
    Object.assign(flight, { step, table: '', retrying: null });
    if (step === 'copy_tables') flight.bytes = 0;
  }

  #settle(taskId: TaskId, outcome: Outcome): void {
    this.#flights.delete(taskId);
    this.#unsettle(taskId);
    // Sites that the plan leaves out are reported as skipped, and are no part of the total.
    const sizeBytes = this.#sizes.get(taskId);
    if (sizeBytes === undefined) return;
    this.#settled.set(taskId, outcome);
    this.#count(taskId, outcome, sizeBytes, 1);
  }

  #unsettle(taskId: TaskId): void {
    const outcome = this.#settled.get(taskId);
    if (!outcome) return;
    this.#settled.delete(taskId);
    this.#count(taskId, outcome, this.#sizes.get(taskId) ?? 0, -1);
  }

  #count(taskId: TaskId, outcome: Outcome, sizeBytes: number, sign: 1 | -1): void {
    if (taskId !== NETWORK) this.#counts[outcome] += sign;
    this.#settledBytes += sign * sizeBytes;
    this.#settledUnits += sign;
  }

  #countBytesInFlight(): number {
    let bytes = 0;
    for (const flight of this.#flights.values()) bytes += Math.min(flight.bytes, flight.sizeBytes);
    return bytes;
  }

  /** Waiting in preflight, or what an earlier run did, says nothing about the pace of what comes now. */
  #restartRates(): void {
    const now = this.#now();
    this.#pacedSince = now;
    this.#pace.restart(now, this.#settledBytes + this.#settledUnits * SITE_OVERHEAD_BYTES);
    this.#sitePace.restart(now, this.#counts.done + this.#counts.failed);
    this.#throughput.restart(now, this.#bytesMoved);
  }
}

function explainHold(pace: Pace | undefined): ProgressSnapshot['held'] {
  if (pace?.startsPaused) return 'operator';
  return pace?.level === 0 ? 'source' : null;
}
