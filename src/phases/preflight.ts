import { MigrationError } from '../errors.ts';
import { classifyDatabaseError } from '../mysql/classify.ts';
import { quoteName } from '../mysql/table-names.ts';
import type { Phase } from './phase.ts';

/** Writes down what the checks found (they ran before anything was written) and makes the databases that the run
 *  needs on the target. */
export const preflight: Phase = {
  name: 'preflight',
  async run({ plan, findings, recorder, target }) {
    for (const { code, outcome, message } of findings) {
      void recorder.record({ type: 'check.reported', code, outcome, message });
    }
    for (const database of [plan.target.staging, plan.target.previous]) {
      try {
        await target.execute(`CREATE DATABASE IF NOT EXISTS ${quoteName(database)}`);
      } catch (error) {
        const problem = classifyDatabaseError(error, `making the database ${database} on the target`);
        throw new MigrationError('preflight_refused', problem.message, {
          hint: `Make it by hand, or grant CREATE on \`${database}\`.* to the target's user.`,
          cause: problem,
        });
      }
    }
  },
};
