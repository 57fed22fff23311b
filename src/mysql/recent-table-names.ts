import { readTableNames } from './catalog.ts';
import type { DatabaseConnection } from './client.ts';

const MIN_AGE_MS = 2_000;

/** Of a server's time no more than one part in so many goes into reading names. */
const IDLE_SHARE = 20;

interface Reading {
  readonly names: Promise<readonly string[]>;
  /** From then on it is read again. */
  until: number;
}

/** The names of a database's tables as they were a moment ago: two seconds, or longer where to read them takes more than
 *  a tenth of one. That takes longer the more sites there are, and every site asks. For questions to which a table made just now would be no other answer than one made
 *  just afterwards. */
export class RecentTableNames {
  readonly #minAgeMs: number;
  readonly #now: () => number;
  readonly #known = new Map<string, Reading>();

  /** `minAgeMs`: how old they may always be. */
  constructor(minAgeMs = MIN_AGE_MS, now: () => number = () => performance.now()) {
    this.#minAgeMs = minAgeMs;
    this.#now = now;
  }

  async startingWith(connection: DatabaseConnection, database: string, prefix: string): Promise<string[]> {
    const names = await this.#read(connection, database);
    let first = findFirst(names, prefix);
    const found: string[] = [];
    for (let name = names[first]; name?.startsWith(prefix); name = names[++first]) found.push(name);
    return found;
  }

  #read(connection: DatabaseConnection, database: string): Promise<readonly string[]> {
    const known = this.#known.get(database);
    const startedAt = this.#now();
    if (known && startedAt < known.until) return known.names;
    const names = readTableNames(connection, database, { prefix: '' }).then(all => {
      const tookMs = this.#now() - startedAt;
      reading.until = startedAt + Math.max(this.#minAgeMs, tookMs * IDLE_SHARE);
      return [...all].sort();
    });
    const reading: Reading = { names, until: Number.POSITIVE_INFINITY };
    this.#known.set(database, reading);
    // Another connection may have more luck.
    names.catch(() => this.#known.delete(database));
    return names;
  }
}

/** Where, in sorted names, those with the prefix begin. A network has hundreds of thousands of tables, and each site asks. */
function findFirst(names: readonly string[], prefix: string): number {
  let [low, high] = [0, names.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (names[middle]! < prefix) low = middle + 1;
    else high = middle;
  }
  return low;
}
