import { Config, Errors, Flags } from '@oclif/core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BaseCommand } from '../../../src/cli/base-command.ts';
import { MigrationError } from '../../../src/errors.ts';
import { registerSecret } from '../../../src/lib/mask-secrets.ts';

let stdout = '';
let stderr = '';

// Results are written to the streams; oclif's own text goes through console, which vitest replaces.
beforeEach(() => {
  stdout = '';
  stderr = '';
  const toStdout = (text: unknown): boolean => {
    stdout += String(text);
    return true;
  };
  const toStderr = (text: unknown): boolean => {
    stderr += String(text);
    return true;
  };
  vi.spyOn(process.stdout, 'write').mockImplementation(toStdout);
  vi.spyOn(process.stderr, 'write').mockImplementation(toStderr);
  vi.spyOn(console, 'log').mockImplementation(toStdout);
  vi.spyOn(console, 'error').mockImplementation(toStderr);
});
afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

/** Runs a command whose work is `work`, and returns the exit code it asks for. */
async function run(argv: string[], work: (command: BaseCommand) => unknown): Promise<number> {
  class TestCommand extends BaseCommand {
    static override id = 'test:command';
    static override flags = { 'dry-run': Flags.boolean() };

    async run(): Promise<unknown> {
      await this.parse(TestCommand);
      return work(this);
    }
  }
  const pjson = { name: 'wfuwp', version: '0.0.0', oclif: { bin: 'wfuwp' } };
  const config = await Config.load({ root: process.cwd(), pjson, ignoreManifest: true, userPlugins: false });
  try {
    await TestCommand.run(argv, config);
  } catch (error) {
    if (error instanceof Errors.ExitError) return error.oclif.exit ?? 0;
    throw error;
  }
  return Number(process.exitCode ?? 0);
}

const fail = (error: unknown) => () => {
  throw error;
};

describe('a failure that the program understands', () => {
  const error = new MigrationError('locked', 'stg is in use.', { details: { holder: 'ops1' } });

  it('is told on stderr with what to do next', async () => {
    expect(await run([], fail(error))).toBe(11);
    expect(stderr).toBe('Error: stg is in use.\nWait for the other run to end.\n');
    expect(stdout).toBe('');
  });

  it('is one object on stdout with --json', async () => {
    expect(await run(['--json'], fail(error))).toBe(11);
    expect(JSON.parse(stdout)).toEqual({
      error: {
        code: 'locked',
        message: 'stg is in use.',
        hint: 'Wait for the other run to end.',
        exitCode: 11,
        details: { holder: 'ops1' },
      },
    });
    expect(stderr).toBe('');
  });

  it('shows its cause with -v only', async () => {
    const caused = new MigrationError('connection', 'db1 is gone.', { cause: new Error('ECONNRESET') });
    await run([], fail(caused));
    expect(stderr).not.toContain('ECONNRESET');
    await run(['-v'], fail(caused));
    expect(stderr).toContain('ECONNRESET');
  });
});

describe('a wrong command line', () => {
  it('is exit 2 with a guess and the way to the help', async () => {
    expect(await run(['--dryrun'], () => undefined)).toBe(2);
    expect(stderr).toBe(
      'Error: Unknown flag --dryrun. Did you mean --dry-run?\nSee: wfuwp test command --help\n',
    );
  });

  it('is one object on stdout with --json', async () => {
    expect(await run(['--json', 'extra'], () => undefined)).toBe(2);
    expect(JSON.parse(stdout)).toEqual({
      error: {
        code: 'usage',
        message: 'One argument too many: extra',
        hint: 'See: wfuwp test command --help',
        exitCode: 2,
      },
    });
  });
});

describe('our own bug', () => {
  it('shows its stack and says so', async () => {
    expect(await run([], fail(new TypeError('x is not a function')))).toBe(1);
    expect(stderr).toMatch(/^Error: TypeError: x is not a function\n {4}at /);
    expect(stderr).toMatch(/This is a bug in wfuwp\. Please report it, with the lines above\.\n$/);
  });

  it('may have thrown anything', async () => {
    expect(await run(['--json'], fail({ odd: true }))).toBe(1);
    expect(JSON.parse(stdout).error).toMatchObject({ code: 'bug', message: '{ odd: true }', exitCode: 1 });
  });
});

describe('secrets', () => {
  beforeEach(() => registerSecret('hunter2-hunter2'));

  it.each([
    ['in errors', [], fail(new MigrationError('credentials', 'denied: hunter2-hunter2'))],
    [
      'in details',
      ['--json'],
      fail(new MigrationError('credentials', 'no', { details: { a: 'hunter2-hunter2' } })),
    ],
    ['in stacks', [], fail(new Error('hunter2-hunter2'))],
    [
      'in causes',
      ['-v'],
      fail(new MigrationError('credentials', 'no', { cause: new Error('hunter2-hunter2') })),
    ],
    ['in results', ['--json'], () => ({ password: 'hunter2-hunter2' })],
    ['in text', [], (command: BaseCommand) => command.log('hunter2-hunter2')],
    ['in warnings', [], (command: BaseCommand) => void command.warn('hunter2-hunter2')],
  ])('are masked %s', async (_, argv, work) => {
    await run(argv, work);
    expect(stdout + stderr).toContain('***');
    expect(stdout + stderr).not.toContain('hunter2');
  });
});

it('a result is printed once with --json, and text is not', async () => {
  const exitCode = await run(['--json'], command => {
    command.log('for people');
    return { sites: 3 };
  });
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toEqual({ sites: 3 });
});
