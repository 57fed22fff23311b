import { expect } from 'vitest';
import type { Hazard, Plan } from '../../src/migration/plan.ts';
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

/** What a migration of prod to stg would do. */
export async function planMigration(pair: Environments): Promise<Plan> {
  const { stdout, stderr } = await pair.run('env-migrate', 'prod', 'stg', '--dry-run', '--json');
  const { plan } = JSON.parse(stdout) as { plan?: Plan };
  expect(plan, stderr).toBeDefined();
  return plan!;
}

export const findHazard = ({ hazards }: Plan, code: string): Hazard | undefined =>
  hazards.find(hazard => hazard.code === code);
