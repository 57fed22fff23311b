import { editKeyed, joinActions } from './keyed-tables.ts';
import { findColumn, type RowAction, type RowRule, type TreatedTable } from './row-rule.ts';

const NO = Buffer.from('0');

/** H57: "Discourage search engines" is on, in each site's settings and in the network's list of sites. */
export const blockSearchEngines: RowRule = {
  name: 'block_search_engines',
  compile: table =>
    joinActions([
      editKeyed(table, ['options'], ['blog_public'], value => (value.equals(NO) ? value : NO)),
      hideBlog(table),
    ]),
};

function hideBlog(table: TreatedTable): RowAction | null {
  const at = findColumn(table, 'blogs', 'public');
  if (at === null) return null;
  return row => {
    if (row.isNull(at) || row.value(at).equals(NO)) return 0;
    row.replace(at, NO);
    return 1;
  };
}
