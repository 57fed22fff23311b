// Command lines and configuration files with slips in them, in their long form. Ends with 1 when one was answered by a
// stack trace, exit code 1, or an error that doesn't say what it is about.
//
//   npm run test:fuzz -- [--runs 20000] [--seed 1]

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { judgeEnd, listCommandLines, loadProgram, runHere } from './fuzz-command-line.ts';
import { judgeConfig, listConfigs } from './fuzz-config.ts';

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '20000' }, seed: { type: 'string', default: '1' } },
});
const [runs, seed] = [Number(values.runs), Number(values.seed)];
const say = (text: string): void => void process.stdout.write(`${text}\n`);

let failed = 0;
for (const text of listConfigs(runs, seed)) {
  const why = judgeConfig(text);
  if (why === null) continue;
  failed += 1;
  say(`configuration: ${why}\n${JSON.stringify(text)}`);
}
say(`${runs} configurations: ${failed} failed`);

const root = fileURLToPath(new URL('../..', import.meta.url));
const program = await loadProgram(root);
const folder = await mkdtemp(join(tmpdir(), 'wfuwp-fuzz-'));
process.chdir(folder);
let wrong = 0;
for (const argv of listCommandLines(program, runs, seed)) {
  const ended = await runHere(program, argv);
  const why = judgeEnd(argv, ended);
  if (why === null) continue;
  wrong += 1;
  say(`wfuwp ${JSON.stringify(argv)}: ${why}\n${ended.output}`);
}
say(`${runs} command lines: ${wrong} failed`);
process.chdir('/');
await rm(folder, { recursive: true, force: true });
process.exitCode = failed + wrong > 0 ? 1 : 0;
