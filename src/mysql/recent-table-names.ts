import { readTableNames } from './catalog.ts';
import type { DatabaseConnection } from './client.ts';

const MAX_AGE_MS = 2_000;

/** The names of a database's tables as they were at most two seconds ago. To read them takes longer the more sites
 *  there are, and every site asks. For questions to which a table made just now would be no other answer than one made
 *  just afterwards. */
export class RecentTableNames {
  readonly #now: () => number;
  readonly #known = new Map<string, { readonly readAt: number; readonly names: Promise<Set<string>> }>();

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  async startingWith(connection: DatabaseConnection, database: string, prefix: string): Promise<string[]> {
    const names = await this.#read(connection, database);
    return [...names].filter(name => name.startsWith(prefix));
  }

  #read(connection: DatabaseConnection, database: string): Promise<Set<string>> {
    const known = this.#known.get(database);
    const readAt = this.#now();
    if (known && readAt - known.readAt < MAX_AGE_MS) return known.names;
    const names = readTableNames(connection, database, { prefix: '' });
    this.#known.set(database, { readAt, names });
    // Another connection may have more luck.
    names.catch(() => this.#known.delete(database));
    return names;
  }
}
