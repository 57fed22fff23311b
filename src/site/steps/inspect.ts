import { MigrationError } from '../../errors.ts';
import { nameSite } from '../../migration/words.ts';
import { readTableNames } from '../../mysql/catalog.ts';
import { classifyDatabaseError } from '../../mysql/classify.ts';
import { quoteName } from '../../mysql/table-names.ts';
import type { Step } from '../step.ts';

/** What is at the source now: the plan may be hours old when a site's turn comes. */
export const inspect: Step = {
  name: 'inspect',
  async run({ plan, task, connections }) {
    const source = await connections.source();
    const present = await readTableNames(
      source,
      plan.source.database,
      task.tables.map(table => table.source),
    );
    const gone = task.tables.filter(table => !present.has(table.source)).map(table => table.source);
    if (gone.length > 0) {
      // The catalog doesn't show what the user may not read; then this says so.
      await source
        .query(`SELECT 1 FROM ${quoteName(plan.source.database, gone[0]!)} LIMIT 0`)
        .catch(error => {
          const failure = classifyDatabaseError(error, `reading ${plan.source.database}.${gone[0]}`);
          if (failure.code !== 'schema') throw failure;
        });
      throw new MigrationError(
        'schema',
        `${nameSite(task.siteId)} changed since the plan was made: ${gone.join(', ')} is gone from the source.`,
        {
          hint: 'Plan again: start the migration anew.',
          details: { gone },
        },
      );
    }
    return undefined;
  },
};
