import { expect } from 'vitest';
import type { Environments } from './environments.ts';

/** Migrates prod to stg to a good end; answers the run's id. */
export async function completeMigration(pair: Environments, ...flags: string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await pair.run(
    'env-migrate',
    'prod',
    'stg',
    '--yes',
    '--json',
    ...flags,
  );
  expect(exitCode, stderr + stdout).toBe(0);
  return (JSON.parse(stdout) as { migrationId: string }).migrationId;
}
