// Where figures come from: they mean little without.

import { open, readFile, rm } from 'node:fs/promises';
import { cpus, release, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import type { Bed } from './bed.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** Pairs of a word and what is said of it. */
export async function describeMachine(bed: Bed): Promise<[string, string][]> {
  const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  const [server] = await bed.source.query<{ version: string }>('SELECT VERSION() AS version');
  const commit = await firstLine('git', ['-C', ROOT, 'describe', '--always', '--dirty']);
  return [
    ['processor', `${cpus()[0]?.model.trim()}, ${cpus().length} cores`],
    ['memory', `${Math.round(totalmem() / 1024 ** 3)} GB`],
    ['disk', await describeDisk(bed.folder)],
    ['system', `Linux ${release()}, Node ${process.versions.node}, MariaDB ${server!.version}`],
    [
      'peers',
      `${await firstLine('mariadb-dump', ['--version'])}; ${await firstLine('mydumper', ['--version'])}`,
    ],
    ['wfuwp', [version, commit].filter(Boolean).join(', commit ')],
  ];
}

async function describeDisk(folder: string): Promise<string> {
  const fileSystem = await firstLine('findmnt', ['-no', 'FSTYPE,SOURCE', '--target', folder]);
  return `${fileSystem.replaceAll(/\s+/g, ' ')} (${tmpdir()}), a write of 16 kB and its sync take ${await timeSync(folder)} ms`;
}

/** The median of some: what each commit and each new table waits for. */
async function timeSync(folder: string): Promise<string> {
  const path = join(folder, 'sync-probe');
  const page = Buffer.alloc(16 * 1024, 1);
  const times: number[] = [];
  {
    await using file = await open(path, 'w');
    for (let i = 0; i < 101; i++) {
      const startedAt = performance.now();
      await file.write(page, 0, page.length, i * page.length);
      await file.datasync();
      times.push(performance.now() - startedAt);
    }
  }
  await rm(path);
  return times.sort((left, right) => left - right)[50]!.toFixed(2);
}

/** '' when the program is missing. */
async function firstLine(file: string, args: readonly string[]): Promise<string> {
  const { stdout, failed } = await execa(file, args, { reject: false });
  return failed ? '' : stdout.split('\n')[0]!.trim();
}
