// Writes the exit-code table into README.md
import { readFile, writeFile } from 'node:fs/promises';
import { listExitCodes } from '../src/cli/exit-code-help.ts';

const README = new URL('../README.md', import.meta.url);
const BETWEEN = /(<!-- exit codes:[^\n]*-->\n)[\s\S]*(<!-- end of exit codes -->)/;

/** README.md with the table that the code has. */
export function withExitCodes(readme: string): string {
  const rows = listExitCodes().map(([code, meaning]) => `| ${code} | ${meaning} |`);
  return readme.replace(BETWEEN, `$1\n| code | meaning |\n|---|---|\n${rows.join('\n')}\n\n$2`);
}

if (import.meta.main) await writeFile(README, withExitCodes(await readFile(README, 'utf8')));
