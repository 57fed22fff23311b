import type { Recorded, Tick } from '../migration/events.ts';
import type { MigrationState } from '../migration/state.ts';

/** Somebody who is told what happened: the terminal, a log file, later a webhook or an event stream.
 *  A sink is told after the journal has the event and the state has been folded; it can change nothing, and one that
 *  throws is ignored from then on: the migration goes on. Calls are synchronous and must return at once. */
export interface Sink {
  readonly name: string;
  /** In journal order, each event once. `state` already holds the event; it is the live object: read, don't keep. */
  onEvent?(line: Recorded, state: MigrationState): void;
  /** Many a second, in no promised order with events. */
  onTick?(tick: Tick): void;
  /** Once, at the end, also after a failure. Flushes what the sink still holds. */
  close?(): Promise<void>;
}
