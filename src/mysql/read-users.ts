import { classifyDatabaseError } from './classify.ts';
import type { DatabaseConnection } from './client.ts';
import { describeTable, type TableName } from './loader.ts';
import { hasSafeId } from './odd-ids.ts';
import { quoteName } from './table-names.ts';

/** Who somebody is, as far as two networks can tell. */
export interface NetworkUser {
  readonly id: number;
  readonly login: string;
  readonly email: string;
}

/** Every user but those of readOddIds, in the order of their ids. Rejects with a MigrationError. */
export async function readUsers(connection: DatabaseConnection, users: TableName): Promise<NetworkUser[]> {
  try {
    const rows = await connection.query<{ id: string; login: string; email: string }>(
      `SELECT ID AS id, user_login AS login, user_email AS email FROM ${quoteName(users.database, users.name)}
       WHERE ${hasSafeId('ID')} ORDER BY ID`,
    );
    return rows.map(({ id, login, email }) => ({
      id: Number(id),
      login: String(login ?? ''),
      email: String(email ?? ''),
    }));
  } catch (error) {
    throw classifyDatabaseError(error, `reading ${describeTable(users)} on ${connection.label}`);
  }
}
