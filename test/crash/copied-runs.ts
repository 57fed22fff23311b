import { cp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Tries } from './damaged-runs.ts';
import { type Command, RunBed, type Servers } from './run-bed.ts';

const FOLDERS = ['logs', 'copies'] as const;
const COMMANDS = [
  'resume',
  'rollback',
  'resume',
  'cleanup',
  'rollback',
] as const satisfies readonly Command[];

/** What is done with a run and its copy, or with a run that is moved about: four commands, in either folder. */
export async function tryCopiedRuns(servers: Servers, { count, random, say }: Tries): Promise<number> {
  let bad = 0;
  let refused = 0;
  for (let done = 1; done <= count; done += 1) {
    const moves = done % 3 === 0;
    await using bed = await RunBed.create(
      servers,
      random() < 0.3 ? { kind: 'ended' } : { kind: 'killed', at: 'before site.completed', count: 2 },
    );
    const { cwd } = bed.pair;
    if (!moves) await cp(join(cwd, 'logs'), join(cwd, 'copies'), { recursive: true });
    let place: (typeof FOLDERS)[number] = 'logs';
    const story: string[] = [];
    const problems: string[] = [];
    for (const command of COMMANDS) {
      const next = FOLDERS[Math.floor(random() * FOLDERS.length)]!;
      if (moves && next !== place) await move(join(cwd, place), join(cwd, next));
      place = next;
      const verdict = await bed.try(command, place);
      story.push(`${command} in ${place}: ${verdict.exitCode}`);
      if (verdict.exitCode === 10) refused += 1;
      problems.push(...verdict.problems);
      if (moves && verdict.exitCode === 10) problems.push(`a run that was moved is refused: ${verdict.text}`);
    }
    if (problems.length > 0) bad += 1;
    say(
      `${String(done).padStart(4)}  ${problems.length === 0 ? 'passed' : 'FAILED'}  ${moves ? 'moved' : 'copied'}: ${story.join(', ')}`,
    );
    for (const problem of problems) say(`      ${problem}`);
  }
  say(`${count} runs copied or moved: ${refused} commands refused, ${bad} failed`);
  return bad;
}

async function move(from: string, to: string): Promise<void> {
  await rm(to, { recursive: true, force: true });
  await rename(from, to);
}
