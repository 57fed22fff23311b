import { expect } from 'vitest';
import type { Summary } from '../../src/migration/summary.ts';
import type { Environments } from './environments.ts';

/** Migrates prod to stg to a good end. */
export async function migrateWell(pair: Environments, ...flags: string[]): Promise<Summary> {
  const { exitCode, stdout, stderr } = await pair.run(
    'env-migrate',
    'prod',
    'stg',
    '--yes',
    '--json',
    ...flags,
  );
  expect(exitCode, stderr + stdout).toBe(0);
  return JSON.parse(stdout) as Summary;
}

/** The same; answers the run's id. */
export async function completeMigration(pair: Environments, ...flags: string[]): Promise<string> {
  return (await migrateWell(pair, ...flags)).migrationId;
}
