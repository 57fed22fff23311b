import { classifyDatabaseError } from './classify.ts';
import type { DatabaseConnection } from './client.ts';
import { describeTable, type TableName } from './loader.ts';
import { quoteName } from './table-names.ts';

/** The ids, in order, of the users that are meant by logins, addresses, or `@domain` for all addresses there. Rejects with
 *  a MigrationError. */
export async function readUserIds(
  connection: DatabaseConnection,
  users: TableName,
  people: readonly string[],
): Promise<string[]> {
  if (people.length === 0) return [];
  const domains = people.filter(person => person.startsWith('@'));
  const ends = domains.map(() => 'OR RIGHT(user_email, CHAR_LENGTH(?)) = ?').join(' ');
  try {
    const rows = await connection.query<{ id: string }>(
      `SELECT ID AS id FROM ${quoteName(users.database, users.name)}
       WHERE user_login IN (?) OR user_email IN (?) ${ends} ORDER BY ID`,
      [people, people, ...domains.flatMap(domain => [domain, domain])],
    );
    return rows.map(row => String(row.id));
  } catch (error) {
    throw classifyDatabaseError(error, `reading ${describeTable(users)} on ${connection.label}`);
  }
}
