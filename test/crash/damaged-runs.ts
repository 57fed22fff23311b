import { type DamageOptions, damageJournal, editFile } from './damage.ts';
import { type Command, RunBed, type Servers, type Stage } from './run-bed.ts';

export interface Tries {
  readonly count: number;
  readonly random: () => number;
  readonly say: (text: string) => void;
}

const COMMANDS = ['resume', 'rollback', 'cleanup'] as const satisfies readonly Command[];

/** Runs that ended, and runs that died in the middle: after sites were swapped, around a swap, in mid-copy. */
const STAGES: readonly Stage[] = [
  { kind: 'ended' },
  { kind: 'killed', at: 'before site.completed', count: 2 },
  { kind: 'killed', at: 'before rename', count: 3 },
  { kind: 'killed', at: 'after rename, before its record', count: 2 },
  { kind: 'killed', at: 'after table.copied', count: 20 },
];

/** As many tries on one run, as long as none of them has changed anything. */
const A_RUN = 12;

/** Damages files of runs and calls a command; answers how many tries went wrong. */
export async function tryDamagedRuns(
  servers: Servers,
  what: 'journals' | 'files',
  { count, random, say }: Tries,
): Promise<number> {
  let done = 0;
  let bad = 0;
  let refused = 0;
  let foreign = await readForeignJournal(servers);
  const damage = what === 'journals' ? damageJournal : editFile;
  for (let round = 0; done < count; round += 1) {
    await using bed = await RunBed.create(servers, STAGES[round % STAGES.length]!);
    for (let on = 0; on < A_RUN && done < count; on += 1) {
      await bed.restore();
      const options: DamageOptions = { folder: bed.folder(), foreign, random };
      const how = await damage(options);
      const command = COMMANDS[Math.floor(random() * COMMANDS.length)]!;
      const { exitCode, changed, problems } = await bed.try(command);
      done += 1;
      if (exitCode === 10) refused += 1;
      if (problems.length > 0) bad += 1;
      say(
        `${String(done).padStart(4)}  ${problems.length === 0 ? 'passed' : 'FAILED'}  exit ${exitCode}  ${command} after: ${how}`,
      );
      for (const problem of problems) say(`      ${problem}`);
      if (changed) break;
    }
    foreign = await bed.readJournal();
  }
  say(
    `${done} damaged ${what}: ${refused} refused, ${done - refused} done right or nothing to do, ${bad} failed`,
  );
  return bad;
}

async function readForeignJournal(servers: Servers): Promise<string> {
  await using bed = await RunBed.create(servers, { kind: 'ended' });
  return bed.readJournal();
}
