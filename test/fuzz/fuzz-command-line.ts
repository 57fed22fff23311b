// Command lines that people might type by a slip: every command and flag of the program, in any order, with values that
// fit and values that don't. Run by the program itself in this process, where there is no configuration, no run and no
// terminal.

import { Config, Errors } from '@oclif/core';
import fc from 'fast-check';

export interface Ended {
  readonly exitCode: number;
  readonly output: string;
}

/** Of the built program. */
export async function loadProgram(root: string): Promise<Config> {
  return await Config.load({ root, userPlugins: false });
}

const value = fc.oneof(
  fc.constantFrom(
    'prod',
    'stg',
    '4',
    '2,5,10-20',
    '0',
    '-1',
    '1e9',
    '99999999999999999999',
    '',
    ' ',
    '--',
    '-',
    'counts',
    'auto',
    '50%',
    '../x',
    '/dev/null',
    'abc123',
    '☠',
    '\u001b[2J',
    '\u202e',
    'a\nb',
    'a\tb',
    '=',
    '=x',
    '%00',
    '$(id)',
    '{}',
    '[]',
    'true',
    'null',
    '0x10',
  ),
  fc.string({ unit: 'binary', maxLength: 10 }),
  fc.integer().map(String),
);

export function listCommandLines(program: Config, count: number, seed: number): string[][] {
  const commands = program.commands.filter(({ pluginName }) => pluginName === program.name);
  const flags = [...new Set(commands.flatMap(command => Object.keys(command.flags)))];
  // Repainting, or waiting for what stdin never brings, isn't what is tried here.
  const names = flags.filter(flag => flag !== 'watch' && flag !== 'follow').map(flag => `--${flag}`);
  const word = fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(...names) },
    {
      weight: 2,
      arbitrary: fc.tuple(fc.constantFrom(...names), value).map(([name, text]) => `${name}=${text}`),
    },
    { weight: 4, arbitrary: value },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        '-h',
        '-V',
        '-y',
        '-v',
        '-x',
        '-vy',
        '--jsn',
        '--dryrun',
        '--help',
        '--json',
      ),
    },
  );
  const line = fc
    .tuple(
      fc.oneof(
        { weight: 9, arbitrary: fc.constantFrom(...commands.map(({ id }) => id.split(':'))) },
        { weight: 1, arbitrary: fc.array(value, { maxLength: 2 }) },
      ),
      fc.array(word, { maxLength: 6 }),
    )
    .map(([command, words]) => [...command, ...words]);
  return fc.sample(line, { numRuns: count, seed });
}

/** As `bin/run.js` would end. What the program writes is kept from the terminal. */
export async function runHere(program: Config, argv: readonly string[]): Promise<Ended> {
  const written: string[] = [];
  const streams = [process.stdout, process.stderr].map(stream => ({ stream, write: stream.write }));
  const before = process.exitCode;
  process.exitCode = undefined;
  for (const { stream } of streams)
    stream.write = ((chunk: string | Uint8Array): boolean => {
      written.push(String(chunk));
      return true;
    }) as typeof stream.write;
  let exitCode = 0;
  try {
    const { run } = await import('@oclif/core');
    await run([...argv], program);
    exitCode = Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof Errors.ExitError) exitCode = error.oclif.exit ?? 1;
    else {
      written.push(error instanceof Error ? String(error.stack) : String(error));
      exitCode = 1;
    }
  } finally {
    for (const { stream, write } of streams) stream.write = write;
    process.exitCode = before;
  }
  return { exitCode, output: written.join('') };
}

const MAY_END = [0, 2, 3, 4, 10, 11, 12];

/** Why this is no good answer; null: it is one. */
export function judgeEnd(argv: readonly string[], { exitCode, output }: Ended): string | null {
  if (!MAY_END.includes(exitCode)) return `exit code ${exitCode}`;
  if (/This is a bug/.test(output)) return 'calls itself a bug';
  if (/^\s+at .*[(:]\d+\)?$/m.test(output)) return 'shows a stack';
  if (exitCode === 0) return null;
  if (!/Error: \S/.test(output) && !/^\{\s+"error": \{/.test(output)) return 'has no error to read';
  if (
    exitCode === 2 &&
    !/--\w|argument|command|SOURCE|terminal|ID|run|site|environment|key|setting/i.test(output)
  )
    return `names nothing of ${JSON.stringify(argv)}`;
  return null;
}
