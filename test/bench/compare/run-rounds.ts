// The contenders in turn, several rounds: the machine's mood (a busy disk, a warm cache) falls on all of them.

import type { Bed } from './bed.ts';
import type { Contender } from './contenders.ts';
import { type Measurement, measure } from './measure.ts';

export type Measurements = ReadonlyMap<string, readonly Measurement[]>;

export interface RunRoundsOptions {
  readonly bed: Bed;
  readonly contenders: readonly Contender[];
  readonly rounds: number;
  /** Called once per contender, after its first run. */
  readonly check?: (contender: Contender) => Promise<void>;
}

export async function runRounds({ bed, contenders, rounds, check }: RunRoundsOptions): Promise<Measurements> {
  const measurements = new Map<string, Measurement[]>(contenders.map(({ name }) => [name, []]));
  const turns = groupTurns(contenders);
  for (let round = 0; round < rounds; round++) {
    // Each round begins with another: nobody always runs right after the same one.
    const rotated = [...turns.slice(round % turns.length), ...turns.slice(0, round % turns.length)];
    for (const contender of rotated.flat()) {
      await bed.makeReady({ empty: contender.after === undefined });
      await contender.prepare?.();
      const measurement = await measure(contender.command, bed.serverPids);
      if (round === 0) await check?.(contender);
      await contender.restore?.();
      measurements.get(contender.name)!.push(measurement);
      const { wallSeconds, clientCpuSeconds, serverCpuSeconds, peakMb } = measurement;
      console.error(
        `round ${round + 1}  ${contender.name.padEnd(20)} ${wallSeconds.toFixed(2)} s, CPU of client ` +
          `${clientCpuSeconds.toFixed(1)}, of servers ${serverCpuSeconds.toFixed(1)} s, peak ${Math.round(peakMb)} MB`,
      );
    }
  }
  return measurements;
}

/** Those that build on another's result follow it at once. */
function groupTurns(contenders: readonly Contender[]): Contender[][] {
  return contenders
    .filter(({ after }) => after === undefined)
    .map(first => [first, ...contenders.filter(({ after }) => after === first.name)]);
}
