import { MigrationError } from '../errors.ts';
import { insertKept, listNames } from '../mysql/keep-rows.ts';
import { buildNameMatch } from '../mysql/match-names.ts';
import { keepTouched } from '../mysql/read-columns.ts';
import { PREFIXED_USERMETA } from '../policy/known-names.ts';
import { fold } from './add-own-columns.ts';
import type { RowMerge } from './row-merge.ts';

export interface UsersMerge {
  /** The target's. */
  readonly prefix: string;
  /** Sites that travel: what somebody is there, the source says. */
  readonly siteIds: readonly number[];
  /** The highest id of a user of the target when the plan was made. */
  readonly targetUpTo: number;
}

/** Makes the staged users those of both sides. So far they are the source's, each with the id that the target has for the
 *  person, or a free one. Of whom both know, the target's row stays, and its metadata but for the sites that travel;
 *  what the source knows beyond that is added. Rejects with `schema` when somebody has come to the target since the plan
 *  was made who is in the way. */
export async function mergeUsers(merge: RowMerge, options: UsersMerge): Promise<void> {
  if (!merge.isInBoth('users')) return;
  await refuseNewcomers(merge, options);
  await giveFreeSlugs(merge);
  // The staged users must not hold the target's yet: by them it is told who is known to both.
  if (merge.isInBoth('usermeta')) await mergeUsermeta(merge, options);
  const { target } = merge;
  const [users, live] = [merge.at('staging', 'users'), merge.at('live', 'users')];
  const columns = listNames(merge.commonColumns('users'));
  const known = await target.execute(`DELETE FROM ${users} WHERE ID IN (SELECT ID FROM ${live})`);
  const [row] = await target.query<{ added: string }>(`SELECT COUNT(*) AS added FROM ${users}`);
  const kept = await insertKept(target, `INSERT INTO ${users} (${columns}) SELECT ${columns} FROM ${live}`);
  merge.done.kept[merge.name('users')] = kept;
  merge.done.addedUsers = Number(row?.added);
  merge.done.knownUsers = known.affectedRows;
}

/** The two sides may have different collations, which can't be compared as they are. */
const comparable = (column: string): string => `CONVERT(${column} USING utf8mb4) COLLATE utf8mb4_general_ci`;

/** Has somebody come who has the id, or the login, of somebody who is to be added? The map doesn't know them. */
async function refuseNewcomers(merge: RowMerge, { targetUpTo }: UsersMerge): Promise<void> {
  const clashes = await merge.target.query<{ login: string; id: string }>(
    `SELECT live.user_login AS login, live.ID AS id FROM ${merge.at('live', 'users')} AS live
     JOIN ${merge.at('staging', 'users')} AS staged
       ON (staged.ID = live.ID) <> (${comparable('staged.user_login')} = ${comparable('live.user_login')})
     WHERE live.ID > ? LIMIT 10`,
    [targetUpTo],
  );
  if (clashes.length === 0) return;
  const names = clashes.map(({ login, id }) => `${login} (${id})`).join(', ');
  throw new MigrationError(
    'schema',
    `Since the plan was made users have come to the target who have the id or the login of users of the source: ${names}.`,
    { hint: 'Plan again: start the migration anew. Nothing of the network was changed.' },
  );
}

/** So many rows are changed by one statement. */
const SLUGS_AT_ONCE = 1_000;

/** Two users must not have one name in the addresses of their pages: WordPress would show the first one's. */
async function giveFreeSlugs(merge: RowMerge): Promise<void> {
  const { target } = merge;
  const [users, live] = [merge.at('staging', 'users'), merge.at('live', 'users')];
  const slug = comparable('user_nicename');
  // Asked by itself: as part of an UPDATE the server would compare each user with each.
  const taken = await target.query<{ id: string }>(
    `SELECT ID AS id FROM ${users} WHERE ${slug} IN (SELECT ${slug} FROM ${live})
     AND ID NOT IN (SELECT ID FROM ${live})`,
  );
  for (let from = 0; from < taken.length; from += SLUGS_AT_ONCE) {
    await target.execute(
      `UPDATE ${users} SET user_nicename = CONCAT(LEFT(user_nicename, 49 - CHAR_LENGTH(ID)), '-', ID)${keepTouched(merge.stagedColumns('users'))}
       WHERE ID IN (?)`,
      [taken.slice(from, from + SLUGS_AT_ONCE).map(({ id }) => id)],
    );
  }
}

async function mergeUsermeta(merge: RowMerge, options: UsersMerge): Promise<void> {
  const { target } = merge;
  const [usermeta, live] = [merge.at('staging', 'usermeta'), merge.at('live', 'usermeta')];
  const liveUsers = `(SELECT ID FROM ${merge.at('live', 'users')})`;
  const isOfTravelling = buildOfTravelling(merge, options);
  await target.execute(
    `DELETE FROM ${usermeta} WHERE NOT ${isOfTravelling} AND user_id IN ${liveUsers} AND EXISTS (
       SELECT 1 FROM ${live} AS live WHERE live.user_id = ${usermeta}.user_id
       AND ${comparable('live.meta_key')} = ${comparable(`${usermeta}.meta_key`)})`,
  );
  // Without their keys, which mean nothing outside the table, but in their order: of several values WordPress takes the
  // first. Rows of users who are gone stay behind, as their ids may be somebody's now.
  const columns = listNames(merge.commonColumns('usermeta').filter(column => fold(column) !== 'umeta_id'));
  const kept = await insertKept(
    target,
    `INSERT INTO ${usermeta} (${columns}) SELECT ${columns} FROM ${live}
     WHERE user_id IN ${liveUsers}
       AND NOT (${isOfTravelling} AND user_id IN (SELECT ID FROM ${merge.at('staging', 'users')})) ORDER BY umeta_id`,
  );
  merge.done.kept[merge.name('usermeta')] = kept;
}

/** Is it about what somebody is on a site that travels? Never NULL. */
function buildOfTravelling(merge: RowMerge, { prefix, siteIds }: UsersMerge): string {
  if (siteIds.length === 0) return 'FALSE';
  const rest = `SUBSTRING(meta_key, ${prefix.length + 1})`;
  const blogId = `CAST(SUBSTRING_INDEX(${rest}, '_', 1) AS UNSIGNED)`;
  const ofNumbered = `(${rest} REGEXP '^[1-9][0-9]{0,14}_' AND ${blogId} IN (${siteIds.join(', ')}))`;
  const ofFirst = siteIds.includes(1)
    ? buildNameMatch(
        merge.target,
        'meta_key',
        PREFIXED_USERMETA.map(name => prefix + name),
      )
    : 'FALSE';
  return `IFNULL((LEFT(meta_key, ${prefix.length}) = ${merge.target.raw.escape(prefix)} AND ${ofNumbered}) OR ${ofFirst}, FALSE)`;
}
