import { MigrationError } from '../errors.ts';
import { classifyDatabaseError } from '../mysql/classify.ts';
import type { DatabaseConnection } from '../mysql/client.ts';
import { createCopiedTable } from '../mysql/copied-sites.ts';
import { createOwnersTable } from '../mysql/previous-owners.ts';
import { quoteName } from '../mysql/table-names.ts';
import type { Phase } from './phase.ts';
import { probeBefore } from './probe-sites.ts';

/** Writes down what the checks found (they ran before anything was written) makes the databases that the run
 *  needs on the target, and with --health-check asks how the target's sites are before they change. */
export const preflight: Phase = {
  name: 'preflight',
  async run(context) {
    const { plan, findings, recorder, onTarget } = context;
    // Together, so that they share a sync of the disk; awaited, so that a full one stops the run here.
    await Promise.all(
      findings.map(({ code, outcome, message }) =>
        recorder.record({ type: 'check.reported', code, outcome, message }),
      ),
    );
    await onTarget(async target => {
      const missing = await findMissing(target, [plan.target.staging, plan.target.previous]);
      for (const database of missing) await createDatabase(target, database);
      await createOwnersTable(target, plan.target.previous);
      await createCopiedTable(target, plan.target.staging);
    });
    await probeBefore(context);
  },
};

async function createDatabase(target: DatabaseConnection, database: string): Promise<void> {
  try {
    await target.execute(`CREATE DATABASE IF NOT EXISTS ${quoteName(database)}`);
  } catch (error) {
    const problem = classifyDatabaseError(error, `making the database ${database} on the target`);
    if (problem.scope === 'attempt') throw problem;
    throw new MigrationError('preflight_refused', problem.message, {
      hint: `Make it by hand, or grant CREATE on \`${database}\`.* to the target's user.`,
      cause: problem,
    });
  }
}

/** Asked first: making a database that exists would wait for every cutover that waits for a lock. */
async function findMissing(target: DatabaseConnection, databases: readonly string[]): Promise<string[]> {
  const rows = await target.query<{ name: string }>(
    'SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA WHERE SCHEMA_NAME IN (?)',
    [databases],
  );
  const present = new Set(rows.map(row => row.name));
  return databases.filter(database => !present.has(database));
}
