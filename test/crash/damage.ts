// What may have happened to the files of a run, by chance.

import { existsSync } from 'node:fs';
import { readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

type Random = () => number;

export interface DamageOptions {
  readonly folder: string;
  /** The journal of another run. */
  readonly foreign: string;
  readonly random: Random;
}

const JOURNAL = 'migration-journal.jsonl';
const FILES = ['migration-plan.json', 'migration-config.json', 'migration-state.json'] as const;

/** Damages the journal; says how. */
export async function damageJournal({ folder, foreign, random }: DamageOptions): Promise<string> {
  const path = join(folder, JOURNAL);
  const text = await readFile(path, 'utf8');
  const lines = text.trimEnd().split('\n');
  const at = pick(lines.length, random);
  const to = pick(lines.length, random);
  const write = (changed: readonly string[]): Promise<void> =>
    writeFile(path, changed.length > 0 ? `${changed.join('\n')}\n` : '');
  const kinds: Record<string, () => Promise<void>> = {
    'cut at a byte': () => truncate(path, pick(text.length, random)),
    'cut after a line': () => write(lines.slice(0, at)),
    emptied: () => truncate(path, 0),
    removed: () => rm(path),
    'a line lost': () => write(lines.toSpliced(at, 1)),
    'a line doubled': () => write(lines.toSpliced(at, 0, lines[at]!)),
    'two lines swapped': () => write(lines.with(at, lines[to]!).with(to, lines[at]!)),
    'a character changed': () => write(lines.with(at, changeCharacter(lines[at]!, random))),
    'the tail of another run': () =>
      write([...lines.slice(0, at), ...foreign.trimEnd().split('\n').slice(at)]),
    'the journal of another run': () => writeFile(path, foreign),
    'its hashes lost': () => write(lines.map(line => line.replace(/,"prev":"[^"]*"/, ''))),
    'its last lines lost': () => write(lines.slice(0, -1 - pick(8, random))),
  };
  const names = Object.keys(kinds);
  const kind = names[pick(names.length, random)]!;
  await kinds[kind]!();
  const alone = random() < 0.6;
  if (alone)
    for (const name of ['state.json', 'summary.json', 'progress.log'])
      await rm(join(folder, `migration-${name}`), { force: true });
  return `${kind}, line ${at + 1} of ${lines.length}${alone ? ', and nothing else that knows' : ''}`;
}

/** Edits plan, options or state; says how. */
export async function editFile({ folder, random }: DamageOptions): Promise<string> {
  // A run that was killed early has no state yet.
  const files = FILES.filter(file => existsSync(join(folder, file)));
  const name = files[pick(files.length, random)]!;
  const path = join(folder, name);
  const text = await readFile(path, 'utf8');
  const edits: [string, string][] = [
    ['"wp_2_posts"', '"wp_2_pots"'],
    ['"status":"completed"', '"status":"pending"'],
    ['"accept": []', '"accept": ["plan_drift"]'],
    ['"tablePrefix": "wp_"', '"tablePrefix": "wq_"'],
  ];
  const [from, to] = edits[pick(edits.length, random)]!;
  const changed = text.includes(from) ? text.replace(from, to) : changeCharacter(text, random);
  await writeFile(path, changed);
  return `${name}: ${text.includes(from) ? `${from} → ${to}` : 'a character changed'}`;
}

function changeCharacter(text: string, random: Random): string {
  const at = pick(text.length, random);
  const other = text[at] === '7' ? '8' : '7';
  return text.slice(0, at) + other + text.slice(at + 1);
}

function pick(below: number, random: Random): number {
  return Math.floor(random() * below);
}
