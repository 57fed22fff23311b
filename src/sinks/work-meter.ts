import type { Recorded, Tick } from '../migration/events.ts';
import type { Sink } from './sink.ts';

/** What a table and a site cost beyond their bytes, in bytes: making, proving and swapping. Smaller: of a network of
 *  tiny sites nothing is measured but noise. Larger: of one with big tables the same. */
const TABLE_OVERHEAD_BYTES = 300_000;
const SITE_OVERHEAD_BYTES = 2_000_000;

/** Adds up what goes through, in bytes or what is worth as much; to be read at any pace. Bytes count as they land and
 *  once more as their site is completed: proving them takes its time, too. */
export class WorkMeter implements Sink {
  readonly name = 'work-meter';
  #work = 0;

  /** Never shrinks. */
  get work(): number {
    return this.#work;
  }

  onEvent(line: Recorded): void {
    if (line.type === 'table.copied') this.#work += TABLE_OVERHEAD_BYTES;
    else if (line.type === 'task.completed') this.#work += SITE_OVERHEAD_BYTES + line.bytes;
    else if (line.type === 'task.skipped') this.#work += SITE_OVERHEAD_BYTES;
  }

  onTick(tick: Tick): void {
    if (tick.step === 'copy_tables') this.#work += Math.max(0, tick.bytes);
  }
}
