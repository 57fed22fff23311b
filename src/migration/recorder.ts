// The one door. Whatever happens in a migration is said here, and nowhere else does the state change.

import { createSteadyClock } from '../lib/steady-clock.ts';
import type { Sink } from '../sinks/sink.ts';
import { hashOrigin, hashText } from './chain.ts';
import { levelOf, type MigrationEvent, type Recorded, type Tick } from './events.ts';
import type { Journal } from './journal.ts';
import { foldEvent, type MigrationState, type RecordedState } from './state.ts';
import { refuseIllegalTransition } from './transitions.ts';
import { type MigrationId, nameRunIn, shortenId } from './words.ts';

export class Recorder {
  readonly #journal: Pick<Journal, 'append'>;
  readonly #state: RecordedState;
  readonly #now: () => Date;
  #sinks: Sink[];
  #seq: number;
  /** Of the line before the next one. */
  #hash: string;

  constructor(options: {
    journal: Pick<Journal, 'append'>;
    /** Folded from the journal so far; `initialState()` for a new run. The recorder owns it from now on. */
    state: RecordedState;
    sinks: readonly Sink[];
    now?: () => Date;
  }) {
    this.#journal = options.journal;
    this.#state = options.state;
    this.#sinks = [...options.sinks];
    this.#now = options.now ?? createSteadyClock(options.state.updatedAt);
    this.#seq = options.state.lastSeq;
    this.#hash = options.state.lastHash ?? '';
  }

  /** Read it, don't keep it: it is the live object. */
  get state(): MigrationState {
    return this.#state;
  }

  /** Appends to the journal, folds into the state, tells the sinks. Resolves when the line is on the disk, so a deed
   *  that the event announces may start; rejects when it can't be written, and then the deed must not happen. */
  async record(event: MigrationEvent): Promise<void> {
    await this.#append(event);
  }

  /** For an event that no deed waits for: on the disk with the next that is recorded, or a moment later. Where it can't
   *  be written, whatever is recorded next can't be either, and says so. */
  note(event: MigrationEvent): void {
    this.#append(event, { mayWait: true }).catch(() => {});
  }

  async #append(given: MigrationEvent, options?: { mayWait: boolean }): Promise<void> {
    const event = nameRunOf(given, this.#state.migrationId);
    refuseIllegalTransition(this.#state, event);
    this.#seq += 1;
    const line: Recorded = {
      seq: this.#seq,
      at: this.#now().toISOString(),
      level: levelOf(event),
      correlationId: correlate(this.#state.migrationId, event),
      ...event,
    };
    const link = { ...line, prev: line.seq === 1 ? hashOrigin(line) : this.#hash };
    const text = JSON.stringify(link);
    const hash = hashText(text);
    this.#hash = hash;
    await this.#journal.append(text, options);
    foldEvent(this.#state, line, hash);
    this.#tell(sink => sink.onEvent?.(line, this.#state));
  }

  tick(tick: Tick): void {
    this.#tell(sink => sink.onTick?.(tick));
  }

  #tell(say: (sink: Sink) => void): void {
    for (const sink of this.#sinks) {
      try {
        say(sink);
      } catch {
        // A display that breaks must not stop a migration.
        this.#sinks = this.#sinks.filter(other => other !== sink);
      }
    }
  }
}

function correlate(migrationId: string, event: MigrationEvent): string {
  const run = shortenId(migrationId);
  return 'taskId' in event ? `${run}/${event.taskId}` : run;
}

/** What is written down can be typed as it stands. */
function nameRunOf(event: MigrationEvent, id: MigrationId): MigrationEvent {
  if (!('error' in event) || !event.error?.hint.includes('--resume ID')) return event;
  return { ...event, error: { ...event.error, hint: nameRunIn(event.error.hint, id) } };
}
