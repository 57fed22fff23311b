import type { Plan } from '../migration/plan.ts';
import { readTableNames } from '../mysql/catalog.ts';
import { classifyDatabaseError } from '../mysql/classify.ts';
import { connectTarget, type DatabaseConnection, type ServerAddress } from '../mysql/client.ts';
import { readHighestFence } from '../mysql/fences.ts';
import { readLease } from '../mysql/lease-row.ts';
import { listDiscarded } from '../mysql/swap-tables.ts';
import { isOwnTable } from '../mysql/table-names.ts';
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

async function readFacts(connection: DatabaseConnection, { target }: Plan): Promise<RemovalFacts> {
  const { database, staging, previous } = target;
  const everything = { prefix: '' };
  const lease = await readLease(connection, database);
  const staged = await readTableNames(connection, staging, everything);
  const records = await readTableRecords(connection, target);
  const discarded = [];
  for (const place of [staging, previous])
    for (const name of await listDiscarded(connection, place)) discarded.push({ database: place, name });
  return {
    fencing: Math.max(lease?.fencing ?? 0, await readHighestFence(connection, staging)),
    lastHolder: lease?.migrationId ?? null,
    owners: records.owners,
    builtBy: new Map([...records.staged].map(([name, { migrationId }]) => [name, migrationId])),
    live: await readTableNames(connection, database, everything),
    previous: await readTableNames(connection, previous, everything),
    staging: new Set([...staged].filter(name => !isOwnTable(name))),
    discarded,
  };
}
