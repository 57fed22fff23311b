// H23 Some names that WordPress keeps in rows begin with the table prefix: `wp_user_roles` in a site's options, and in
// usermeta what a user is on which site. Where the target has another prefix they must have it too, or nobody is
// anybody there.

import { HIGHEST_ID } from '../lib/ids.ts';
import { PREFIXED_USERMETA } from './known-names.ts';
import { compileNames } from './match-value.ts';
import {
  DROPPED,
  findColumn,
  type RowAction,
  type RowRule,
  type TreatedRow,
  type TreatedTable,
} from './row-rule.ts';

export interface Prefixes {
  readonly from: string;
  readonly to: string;
}

/** `blogIds`: all of the source's, as `wp_404_to_301` is no name of site 404. */
export function createFollowPrefix({ from, to }: Prefixes, blogIds: ReadonlySet<number>): RowRule {
  const renameIn = (
    table: TreatedTable,
    name: string,
    column: string,
    isPrefixed: IsPrefixed,
  ): RowAction | null => {
    const at = findColumn(table, name, column);
    if (at === null) return null;
    const most = table.columns[at]!.maxLength ?? Number.POSITIVE_INFINITY;
    return row => rename(row, at, most, { from, to, isPrefixed });
  };
  const isUsermeta = compileNames(PREFIXED_USERMETA);
  return {
    name: 'follow_prefix',
    compile: table =>
      renameIn(table, 'options', 'option_name', name => name === 'user_roles') ??
      renameIn(
        table,
        'usermeta',
        'meta_key',
        (name, blogId) => isUsermeta(name) || (blogId !== null && blogIds.has(blogId)),
      ),
  };
}

/** Of a name without its prefix and blog id (null: it has none). */
type IsPrefixed = (name: string, blogId: number | null) => boolean;

interface Renaming {
  readonly from: string;
  readonly to: string;
  readonly isPrefixed: IsPrefixed;
}

function rename(row: TreatedRow, at: number, most: number, { from, to, isPrefixed }: Renaming): number {
  if (row.isNull(at)) return 0;
  const name = row.value(at).toString('latin1');
  const rest = cutPrefix(name, from, isPrefixed);
  if (rest !== null) {
    const renamed = Buffer.from(to + rest, 'latin1');
    if (renamed.length > most) return 0;
    row.replace(at, renamed);
    return 1;
  }
  // It means nothing to the source's WordPress, and at the target it would stand beside the one that counts: a second
  // row of that name, or rights that nobody has given.
  return cutPrefix(name, to, isPrefixed) === null ? 0 : DROPPED;
}

/** What follows the prefix, when the name is one that has it. In any letter case, as WordPress's collations compare. */
function cutPrefix(name: string, prefix: string, isPrefixed: IsPrefixed): string | null {
  if (name.slice(0, prefix.length).toLowerCase() !== prefix.toLowerCase()) return null;
  const rest = name.slice(prefix.length);
  const { blogId, bare } = splitBlogId(rest);
  return isPrefixed(bare.toLowerCase(), blogId) ? rest : null;
}

/** `43_capabilities` → 43 and `capabilities`. WordPress writes no zeros in front; an id that is out of range is that of no
 *  site, and not rounded to that of another. */
export function splitBlogId(name: string): { readonly blogId: number | null; readonly bare: string } {
  const [, digits, bare = ''] = /^([1-9]\d*)_(.+)$/s.exec(name) ?? [];
  if (digits === undefined) return { blogId: null, bare: name };
  return { blogId: Number(digits) > HIGHEST_ID ? Number.POSITIVE_INFINITY : Number(digits), bare };
}
