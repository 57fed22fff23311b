import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { fetchSecrets, type RunProgram } from '../../../src/config/fetch-secrets.ts';
import { configSchema, type Environment } from '../../../src/config/schema.ts';
import { MigrationError } from '../../../src/errors.ts';
import { maskSecrets } from '../../../src/lib/mask-secrets.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'wfuwp-secrets-'));
});
afterAll(() => rm(folder, { recursive: true }));

function makeEnvironment(section: Record<string, unknown>): Environment {
  const { environments } = configSchema.parse({
    environments: { stg: { database: { host: 'h', user: 'u', name: 'n' }, ...section } },
  });
  return { name: 'stg', folder, ...environments.stg! };
}

const withPassword = (password: unknown): Environment =>
  makeEnvironment({ database: { host: 'h', user: 'u', name: 'n', password } });

const printing = (stdout: string): RunProgram =>
  vi.fn(() => Promise.resolve({ failure: null, stdout, stderr: [] }));
const never: RunProgram = () => {
  throw new Error('must not be run');
};

async function failureOf(environment: Environment, run: RunProgram): Promise<MigrationError> {
  const error = await fetchSecrets(environment, run).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(MigrationError);
  return error as MigrationError;
}

describe('a secret in a file', () => {
  const write = (name: string, text: string, mode = 0o640) => writeFile(join(folder, name), text, { mode });

  it('is found beside the configuration, without its last line break', async () => {
    await write('pw', 'two words\n \r\n');
    const environment = withPassword({ file: 'pw' });
    await fetchSecrets(environment, never);
    expect(environment.database.password.reveal()).toBe('two words\n ');
    expect(maskSecrets('it says two words.')).toBe('it says ***.');
    expect(JSON.stringify(environment)).not.toContain('two words');
  });

  it('that is not there, or that others may write to', async () => {
    expect(await failureOf(withPassword({ file: 'nowhere' }), never)).toMatchObject({
      code: 'config_invalid',
      message: `environments.stg.database.password can't be read from ${join(folder, 'nowhere')}: there is no such file.`,
    });
    await write('loose', 'correct-horse');
    const { chmod } = await import('node:fs/promises');
    await chmod(join(folder, 'loose'), 0o662);
    const { message } = await failureOf(withPassword({ file: 'loose' }), never);
    expect(message).toContain('is not taken from');
    expect(message).toContain('chmod go-w');
    expect(message).not.toContain('horse');
  });

  it('must be as good as one in the configuration', async () => {
    await write('short', 'abc');
    const environment = makeEnvironment({ safety: { policy: 'lower', key: { file: 'short' } } });
    expect((await failureOf(environment, never)).message).toBe(
      'environments.stg.safety.key: must have at least 16 characters.',
    );
  });
});

describe('a secret that a command prints', () => {
  it('is asked for when it is needed, and once', async () => {
    const run = printing('from-a-manager\n');
    const command = ['op', 'read', 'once'];
    const environment = makeEnvironment({
      database: { host: 'h', user: 'u', name: 'n', password: { command } },
      probe: { headers: { Authorization: { command }, 'X-Stage': 'stg' } },
    });
    expect(() => environment.database.password.reveal()).toThrow('before it was fetched');
    expect(run).not.toHaveBeenCalled();
    await Promise.all([fetchSecrets(environment, run), fetchSecrets(environment, run)]);
    await fetchSecrets(withPassword({ command }), run);
    expect(run).toHaveBeenCalledExactlyOnceWith(command);
    expect(environment.database.password.reveal()).toBe('from-a-manager');
    expect(environment.probe.headers.Authorization!.reveal()).toBe('from-a-manager');
    expect(maskSecrets('from-a-manager')).toBe('***');
  });

  it('that fails: why, and nothing of what it printed', async () => {
    const run: RunProgram = () =>
      Promise.resolve({
        failure: 'it ended with exit code 3',
        stdout: 'half-a-secret',
        stderr: ['no session', 'was half-a-secret'],
      });
    expect(await failureOf(withPassword({ command: ['op', 'fails'] }), run)).toMatchObject({
      code: 'credentials',
      exitCode: 12,
      message:
        'environments.stg.database.password can\'t be had from "op": it ended with exit code 3; it said: no session / was ***.',
      hint: expect.stringContaining('by hand'),
    });
    expect((await failureOf(withPassword({ command: ['mute'] }), printing('\n'))).message).toContain(
      'it printed nothing',
    );
  });
});
