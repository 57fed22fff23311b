import { listUnits } from '../migration/list-units.ts';
import type { Plan } from '../migration/plan.ts';
import { readTableNames } from '../mysql/catalog.ts';
import { classifyDatabaseError } from '../mysql/classify.ts';
import { connectTarget, type DatabaseConnection, type ServerAddress } from '../mysql/client.ts';
import { readHighestFence } from '../mysql/fences.ts';
import { readLease } from '../mysql/lease-row.ts';
import { type ForeignKey, readKeysOf } from '../mysql/read-foreign-keys.ts';
import { nameFlavour } from '../mysql/read-server.ts';
import { listDiscarded } from '../mysql/swap-tables.ts';
import { readTableRecords } from '../mysql/table-records.ts';
import type { RemovalFacts } from './remove-kept.ts';

/** What a rollback and a cleanup are decided by. Only reads. */
export async function readTarget(address: ServerAddress, plan: Plan): Promise<RemovalFacts> {
  await using connection = await connectTarget(address);
  try {
    return await readFacts(connection, plan);
  } catch (error) {
    throw classifyDatabaseError(error, `reading ${address.label}`);
  }
}

async function readFacts(connection: DatabaseConnection, plan: Plan): Promise<RemovalFacts> {
  const { database, staging, previous } = plan.target;
  const lease = await readLease(connection, database);
  const records = await readTableRecords(connection, plan.target);
  const discarded = [];
  for (const place of [staging, previous])
    for (const name of await listDiscarded(connection, place)) discarded.push({ database: place, name });
  const live = await readTableNames(connection, database, { prefix: '' });
  const kept = new Set(records.standing.previous);
  return {
    fencing: Math.max(lease?.fencing ?? 0, await readHighestFence(connection, staging)),
    lastHolder: lease?.migrationId ?? null,
    owners: records.owners,
    builtBy: new Map([...records.staged].map(([name, { migrationId }]) => [name, migrationId])),
    live,
    previous: kept,
    keys: await readKeysOfStaying(connection, plan, live, kept),
    staging: new Set(records.standing.staging),
    discarded,
  };
}

/** The tables of the run itself are as the source has them: no key of theirs leads out of their unit. */
async function readKeysOfStaying(
  connection: DatabaseConnection,
  plan: Plan,
  live: ReadonlySet<string>,
  kept: ReadonlySet<string>,
): Promise<readonly ForeignKey[]> {
  const ours = new Set(listUnits(plan).flatMap(unit => unit.tables.map(table => table.target)));
  return await readKeysOf(connection, {
    flavour: nameFlavour(plan.target.serverVersion),
    database: plan.target.database,
    tables: [...live].filter(table => !ours.has(table) && !kept.has(table)),
  });
}
