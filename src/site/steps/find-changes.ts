import { nameLogically } from '../../migration/name-logically.ts';
import type { PlannedTable } from '../../migration/plan.ts';
import { siteIdOf } from '../../migration/task-ids.ts';
import { UNCHANGED } from '../../migration/words.ts';
import { classifyDatabaseError } from '../../mysql/classify.ts';
import type { DatabaseConnection } from '../../mysql/client.ts';
import { type CopiedSite, readCopiedSite, type TableFigures } from '../../mysql/copied-sites.ts';
import type { KnownColumns } from '../../mysql/known-columns.ts';
import { type ChecksumRequest, type EmptiedValues, readChecksums } from '../../mysql/read-checksums.ts';
import { digestDefinition, digestShape, readDefinitions } from '../../mysql/read-definition.ts';
import { sitePrefix } from '../../mysql/table-names.ts';
import { findRemade } from '../../policy/refresh-permalinks.ts';
import { batchTables } from '../batch-tables.ts';
import { keyOf } from '../copied-site.ts';
import { includeHistory } from '../include-history.ts';
import { describeRecipe } from '../recipe.ts';
import { listStaying } from '../staying-tables.ts';
import type { Step, StepContext } from '../step.ts';

/** Proves that a copy would change nothing, and then ends the site's task: what decides how it is copied, the tables of
 *  both sides, their definitions and every row are as the last migration left them. The cheap questions come first, and
 *  the first difference ends the search: the site is copied. */
export const findChanges: Step = {
  name: 'find_changes',
  readsOnly: true,
  async run(context) {
    const changed = await findChange(context);
    if (changed === null) context.skipSite(UNCHANGED);
    return { changed };
  },
};

/** The first thing that is not as it was, in words; null: nothing. */
async function findChange(context: StepContext): Promise<string | null> {
  const { plan, task, connections } = context;
  const target = await connections.target();
  const copied = await readCopiedSite(target, plan.target.staging, keyOf(plan, task));
  if (!copied) return 'no earlier copy is known';
  const known = findChangedRecipe(context, copied) ?? findChangedList(task.tables, copied);
  if (known !== null) return known;
  const source = await connections.source();
  const { knownColumns } = context;
  const sides = [
    new Side({
      name: 'source',
      connection: source,
      database: plan.source.database,
      tables: copied.tables.map(pair => pair.source),
      emptied: new Set(
        task.tables.filter(table => isEmptied(table) || isMerge(table)).map(table => table.source),
      ),
      knownColumns,
    }),
    new Side({
      name: 'target',
      connection: target,
      database: plan.target.database,
      tables: copied.tables.map(pair => pair.target),
      emptied: new Set(task.tables.filter(isMerge).map(table => table.target)),
      findRemade: table => findRemade(plan.treatment, nameLogically(table, task.taskId, plan)),
      knownColumns,
    }),
  ];
  try {
    const extra = await findExtraTable(context, target, copied);
    if (extra !== null) return extra;
    // Before the definitions are read: the server refuses to read a table in a snapshot from before it was altered.
    await source.execute('START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY');
    const changed = await findOnEither(sides, batchTables(task.tables), context.signal);
    await source.execute('COMMIT');
    return changed;
  } catch (error) {
    // What can't be compared, such as a broken table on the target, may well be copied.
    const failure = classifyDatabaseError(error, 'looking for changes');
    if (failure.scope !== 'site') throw failure;
    return failure.message;
  }
}

function findChangedRecipe({ plan }: StepContext, copied: CopiedSite): string | null {
  const recipe = describeRecipe(plan);
  const parts = new Set([...Object.keys(recipe), ...Object.keys(copied.recipe)]);
  const changed = [...parts].filter(part => recipe[part] !== copied.recipe[part]);
  return changed.length > 0 ? `what decides a copy changed: ${changed.join(', ')}` : null;
}

function findChangedList(planned: readonly PlannedTable[], copied: CopiedSite): string | null {
  const before = new Map(copied.tables.map(({ source, target }) => [source.table, target.table]));
  const added = planned.find(table => before.get(table.source) !== table.target);
  if (added) return `${added.source}: new on the source`;
  const now = new Set(planned.map(table => table.source));
  const gone = [...before.keys()].find(table => !now.has(table));
  return gone === undefined ? null : `${gone}: gone from the source`;
}

/** A cutover would move it away. Of site 1, whose prefix is everybody's, it moves only what it brings. */
async function findExtraTable(
  { plan, task, recentNames }: StepContext,
  target: DatabaseConnection,
  copied: CopiedSite,
): Promise<string | null> {
  const siteId = siteIdOf(task.taskId);
  if (siteId === 1) return null;
  const known = new Set(copied.tables.map(pair => pair.target.table));
  const staying = listStaying(plan);
  const prefix = sitePrefix(plan.target.tablePrefix, siteId);
  const live = await recentNames.startingWith(target, plan.target.database, prefix);
  const extra = live.find(table => !known.has(table) && !staying.has(table));
  return extra === undefined ? null : `${extra}: new on the target`;
}

const isEmptied = ({ emptiedBy }: PlannedTable): boolean => emptiedBy !== undefined;
const isMerge = ({ kind }: PlannedTable): boolean => kind === 'merge';

/** Neither side waits for the other; the first difference stops both. The smallest tables first: a large one is not
 *  read to its end when a small one has changed. */
async function findOnEither(
  sides: readonly Side[],
  batches: readonly (readonly PlannedTable[])[],
  signal: AbortSignal,
): Promise<string | null> {
  let isOver = false;
  const searches = sides.map(async side => {
    try {
      let change = await side.findRedefined();
      for (const batch of batches) {
        signal.throwIfAborted();
        if (isOver || change !== null) break;
        change = await side.findOtherRows(batch);
      }
      isOver ||= change !== null;
      return change;
    } catch (error) {
      isOver = true;
      throw error;
    }
  });
  // Both connections are idle again when the site is copied after all.
  await Promise.allSettled(searches);
  const changes = await Promise.all(searches);
  return changes.find(change => change !== null) ?? null;
}

interface SideOptions {
  readonly name: 'source' | 'target';
  readonly connection: DatabaseConnection;
  readonly database: string;
  /** As they were. */
  readonly tables: readonly TableFigures[];
  /** Tables whose rows don't matter. */
  readonly emptied?: ReadonlySet<string>;
  /** Of a table's values those that don't matter. */
  readonly findRemade?: (table: string) => EmptiedValues | null;
  readonly knownColumns: KnownColumns;
}

/** The site's tables on one side, held against what they were. */
class Side {
  readonly #options: SideOptions;
  readonly #before: ReadonlyMap<string, TableFigures>;
  readonly #definitions = new Map<string, string>();

  constructor(options: SideOptions) {
    this.#options = options;
    this.#before = new Map(options.tables.map(figures => [figures.table, figures]));
  }

  async findRedefined(): Promise<string | null> {
    const { name, connection, database, tables, emptied } = this.#options;
    const definitions = await readDefinitions(
      connection,
      tables.map(({ table }) => ({ database, name: table })),
    );
    for (const [index, { table, definition }] of tables.entries()) {
      const now = definitions[index]!;
      const digest = emptied?.has(table) ? digestShape : digestDefinition;
      if (digest(now) !== definition) return `${table}: definition on the ${name} changed`;
      this.#definitions.set(table, now);
    }
    return null;
  }

  /** After findRedefined. */
  async findOtherRows(tables: readonly PlannedTable[]): Promise<string | null> {
    const { name: side, connection, database, emptied, findRemade: remadeIn, knownColumns } = this.#options;
    const compared = tables.filter(table => !emptied?.has(table[side]));
    const names = compared.map(table => table[side]);
    if (names.length === 0) return null;
    const defined = names.map(name => ({ name, definition: this.#definitions.get(name)! }));
    const columns = await knownColumns.read(connection, database, defined);
    const requests = names.map(
      (name, index): ChecksumRequest => ({
        table: { database, name },
        columns: includeHistory(compared[index]!, columns[index]!, side),
        emptied: remadeIn?.(name) ?? null,
      }),
    );
    const now = await readChecksums(connection, requests);
    const other = names.find((name, index) => {
      const { rows, checksum } = this.#before.get(name)!;
      return now[index]!.rows !== rows || now[index]!.checksum !== checksum;
    });
    return other === undefined ? null : `${other}: rows on the ${side} changed`;
  }
}
