// Builds dist/ from src/: a file for each command, and what they share in as few files as possible. A start of the
// program is short, and a file for each of several hundred modules would take half of it.
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';
import { digestProgram } from '../src/site/program-digest.ts';

const SOURCES = fileURLToPath(new URL('../src/', import.meta.url));
/** What package.json names besides the commands. */
const OTHER_ENTRIES = ['cli/help.ts', 'cli/command-not-found.ts', 'cli/watch-output.ts'];

/** Whatever else is in the folder is removed. */
export async function buildInto(folder: string): Promise<void> {
  const files = [...globSync('commands/**/*.ts', { cwd: SOURCES }), ...OTHER_ENTRIES];
  await build({
    input: Object.fromEntries(files.map(file => [file.replace(/\.ts$/, ''), join(SOURCES, file)])),
    platform: 'node',
    // oclif finds its plugins in node_modules, and they must load the same oclif.
    external: [/^node:/, /^@oclif\//],
    transform: { target: 'node22', define: { PROGRAM_DIGEST: JSON.stringify(digestProgram()) } },
    output: {
      dir: folder,
      cleanDir: true,
      entryFileNames: '[name].js',
      chunkFileNames: 'shared/[name]-[hash].js',
    },
  });
}

if (import.meta.main) await buildInto(fileURLToPath(new URL('../dist/', import.meta.url)));
