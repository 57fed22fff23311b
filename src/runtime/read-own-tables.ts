import { MigrationError } from '../errors.ts';
import { tableOf } from '../migration/events.ts';
import { listUnits } from '../migration/list-units.ts';
import type { Plan } from '../migration/plan.ts';
import { type MigrationState, readTask } from '../migration/state.ts';
import { connectTarget } from '../mysql/client.ts';
import { createCopiedTable } from '../mysql/copied-sites.ts';
import { readServerIdentity } from '../mysql/identity.ts';
import { createOwnersTable } from '../mysql/previous-owners.ts';
import type { OldStaged } from '../mysql/table-records.ts';
import { explainStrangers } from '../phases/find-strangers.ts';
import { OwnTables } from '../site/own-tables.ts';
import type { HeldTarget } from './hold-target.ts';
import type { Work } from './open-work.ts';

/** Under the lease. A migration is refused where tables stand in its databases that no run has made; a rollback and a
 *  cleanup pass them by. Rejects with `preflight_refused`, and nothing was changed. */
export async function readOwnTables(
  { plan, servers, acceptsRemade }: Work,
  { address, lease }: HeldTarget,
  state: MigrationState,
): Promise<OwnTables> {
  const { migrationId, target } = plan;
  const known = listOldStaged(plan, state);
  await using connection = await connectTarget(address);
  if (state.lastSeq > 0) await updateRecords(connection, target);
  const options = {
    migrationId,
    target,
    fencing: lease.fencing,
    // The one that answers now: the files of another one have other ages.
    serverId: (await readServerIdentity(connection)).id,
    acceptsRemade,
  };
  const { ownTables, strangers } = await OwnTables.read(connection, options, known);
  for (const { taskId, tables } of listUnits(plan)) {
    const { steps, tables: now = tables } = readTask(state, taskId);
    const { madeUpTo } = steps.verify_tables?.data ?? {};
    if (typeof madeUpTo === 'string' && madeUpTo !== '')
      ownTables.limitAge(
        now.map(table => table.target),
        madeUpTo,
      );
  }
  const [finding] = servers.source ? explainStrangers(target, strangers) : [];
  if (finding) throw new MigrationError('preflight_refused', finding.message, { hint: finding.hint });
  return ownTables;
}

/** An older version has written nothing down in the database; its journal knows what its run was building. */
export function listOldStaged(plan: Plan, state: MigrationState): OldStaged | null {
  if (plan.target.identity) return null;
  const tables = listUnits(plan).flatMap(({ taskId }) =>
    readTask(state, taskId)
      .resources.filter(resource => resource.kind === 'staging_table')
      .map(tableOf),
  );
  return { migrationId: plan.migrationId, tables };
}

/** Of a run that an older version has begun. */
async function updateRecords(
  connection: Awaited<ReturnType<typeof connectTarget>>,
  { staging, previous }: Plan['target'],
): Promise<void> {
  const rows = await connection.query<{ name: string }>(
    'SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA WHERE SCHEMA_NAME IN (?)',
    [[staging, previous]],
  );
  const present = new Set(rows.map(row => row.name));
  if (present.has(previous)) await createOwnersTable(connection, previous);
  if (present.has(staging)) await createCopiedTable(connection, staging);
}
