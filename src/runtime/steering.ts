// Keeps the number of sites in flight right while a run goes on: obeys its operator, backs off when the source is in
// trouble, and with `auto` looks for the level at which no more goes through. What it measures and is told goes through
// executors/pace-controller.ts, which decides; what it decides is journaled. Nothing that fails here fails the run.

import { type PaceChange, PaceController } from '../executors/pace-controller.ts';
import type { Slots } from '../executors/slots.ts';
import {
  type Concurrency,
  type ConcurrencyLimits,
  isConcurrency,
  type Pace,
} from '../migration/concurrency.ts';
import { type Control, readControl } from '../migration/control.ts';
import type { MigrationEvent, Recorded } from '../migration/events.ts';
import type { ServerAddress } from '../mysql/client.ts';
import { SourceLoadReader } from '../mysql/source-load.ts';
import type { Sink } from '../sinks/sink.ts';

/** How soon an operator is obeyed, and how finely throughput is measured. */
const BEAT_MS = 1_000;
const LOAD_INTERVAL_MS = 2_000;

export interface SteeringOptions {
  readonly slots: Slots;
  readonly concurrency: Concurrency;
  readonly limits: ConcurrencyLimits;
  /** Where an operator's requests are, see migration/control.ts. */
  readonly controlPath: string;
  /** null: the work has nothing to do with it. */
  readonly source: ServerAddress | null;
  /** All that has gone through so far. */
  measureWork(): number;
  record(event: MigrationEvent): Promise<void>;
}

/** Steers from its making until the sites phase ends or it is disposed of, whichever is first: what ends a run must be
 *  the last line of its journal. As a sink it only hears of that. */
export class Steering implements Sink, AsyncDisposable {
  readonly name = 'steering';
  readonly #options: SteeringOptions;
  readonly #controller: PaceController;
  readonly #loadReader: SourceLoadReader | null;
  readonly #timers: readonly NodeJS.Timeout[];
  readonly #busy = new Set<Promise<void>>();
  #control: Control | null = null;
  #isOver = false;

  constructor(options: SteeringOptions) {
    this.#options = options;
    this.#controller = new PaceController(options.concurrency, options.limits);
    this.#loadReader = options.source && new SourceLoadReader(options.source);
    this.#timers = [
      this.#every(BEAT_MS, () => this.#beat()),
      this.#every(LOAD_INTERVAL_MS, () => this.#watchSource()),
    ];
  }

  onEvent(line: Recorded): void {
    if (line.type === 'phase.failed') this.#end();
    if ((line.type === 'phase.completed' || line.type === 'phase.skipped') && line.phase === 'sites')
      this.#end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#end();
    await this.#loadReader?.[Symbol.asyncDispose]();
    await Promise.all(this.#busy);
  }

  /** One call at a time: a slow one makes the next ones fail to appear. */
  #every(intervalMs: number, work: () => Promise<void>): NodeJS.Timeout {
    let running: Promise<void> | null = null;
    const start = (): void => {
      if (running) return;
      const run = work()
        .catch(() => {})
        .finally(() => {
          running = null;
          this.#busy.delete(run);
        });
      running = run;
      this.#busy.add(run);
    };
    return setInterval(start, intervalMs).unref();
  }

  async #beat(): Promise<void> {
    const { slots, controlPath, measureWork } = this.#options;
    const control = await readControl(controlPath);
    if (this.#isOver) return;
    if (control && control.request !== this.#control?.request) await this.#obey(control);
    const sample = { atMs: performance.now(), work: measureWork(), inUse: slots.inUse };
    await this.#carryOut(this.#controller.observeWork(sample));
  }

  async #watchSource(): Promise<void> {
    if (!this.#loadReader || !this.#controller.watchesSource) return;
    const load = await this.#loadReader.read();
    if (this.#isOver) return;
    const { inUse } = this.#options.slots;
    await this.#carryOut(this.#controller.observeSource(performance.now(), load, inUse));
  }

  async #obey(control: Control): Promise<void> {
    const wasPaused = this.#startsPaused;
    this.#control = control;
    const { request, concurrency, by } = control;
    if (isConcurrency(concurrency) && concurrency !== this.#controller.asked)
      this.#controller.ask(concurrency);
    this.#setLimit();
    const isPaused = this.#startsPaused;
    const change = isPaused === wasPaused ? 'concurrency' : isPaused ? 'pause' : 'continue';
    await this.#options.record({ type: 'migration.tuned', request, by, change, pace: this.#describePace() });
  }

  async #carryOut(change: PaceChange | null): Promise<void> {
    if (!change || this.#isOver) return;
    this.#setLimit();
    await this.#options.record({ type: 'concurrency.changed', ...change });
  }

  #setLimit(): void {
    this.#options.slots.limit = this.#startsPaused ? 0 : this.#controller.level;
  }

  get #startsPaused(): boolean {
    return this.#control?.startsPaused === true;
  }

  #describePace(): Pace {
    const { asked, level } = this.#controller;
    return {
      concurrency: asked,
      level,
      startsPaused: this.#startsPaused,
      ...(this.#startsPaused ? { pausedBy: this.#control?.pausedBy ?? this.#control?.by ?? '' } : {}),
    };
  }

  /** What still needs slots now is an undoing, and nobody means that by a pause. */
  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const timer of this.#timers) clearInterval(timer);
    this.#options.slots.limit = Math.max(1, this.#controller.level);
  }
}
