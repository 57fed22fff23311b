// Where users are merged, whoever is meant by an id at the source must be meant at the target: in the tables of users
// themselves, as author, as commenter, and in columns of plugins.

import { splitBlogId } from './follow-prefix.ts';
import { editKeyed, joinActions } from './keyed-tables.ts';
import { PREFIXED_USERMETA, USER_COLUMNS, USER_POSTMETA, USER_SITEMETA } from './known-names.ts';
import { compileNames } from './match-value.ts';
import { DROPPED, findColumn, type RowAction, type RowRule, type TreatedTable } from './row-rule.ts';
import { NOBODY, type UserMap } from './user-map.ts';

/** Rows of these are about one user; elsewhere a user is one of many things that a row tells. */
const ABOUT_A_USER: ReadonlyMap<string, string> = new Map([
  ['users', 'ID'],
  ['usermeta', 'user_id'],
]);

export interface MergedUsers {
  readonly map: UserMap;
  /** `table.column` patterns of further columns with ids of users. */
  readonly columns: readonly string[];
}

/** Ids of nobody who is known: deleted at the source, or made there since the plan was. They come first, so that they
 *  are counted by themselves. */
export function createLeaveUnknownUsers({ map, columns }: MergedUsers): RowRule {
  const strangers = new Set(map.ids.filter(([, to]) => to === NOBODY).map(([from]) => from));
  const isUnknown = (id: number): boolean => id > map.knownUpTo || strangers.has(id);
  return {
    name: 'leave_unknown_users',
    compile: table =>
      joinActions([dropRows(table, isUnknown), editIds(table, columns, id => (isUnknown(id) ? NOBODY : id))]),
  };
}

export function createMergeUsers({ map, columns }: MergedUsers): RowRule {
  const targets = new Map(map.ids.filter(([, to]) => to !== NOBODY));
  return {
    name: 'merge_users',
    compile: table =>
      joinActions([
        editRowsAbout(table, id => targets.get(id) ?? id),
        editIds(table, columns, id => targets.get(id) ?? id),
      ]),
  };
}

/** What somebody is on sites that don't travel must not come: the target may have other sites of these numbers. */
export function createLeaveOtherSites(prefix: string, sites: Sites): RowRule {
  const isKnown = compileNames(PREFIXED_USERMETA);
  const isElsewhere = (key: string): boolean => {
    if (!key.toLowerCase().startsWith(prefix.toLowerCase())) return false;
    const { blogId, bare } = splitBlogId(key.slice(prefix.length));
    if (blogId === null) return isKnown(bare) && !sites.travelling.has(1);
    return !sites.travelling.has(blogId) && (isKnown(bare) || sites.all.has(blogId));
  };
  return {
    name: 'leave_other_sites',
    compile(table) {
      const at = findColumn(table, 'usermeta', 'meta_key');
      if (at === null) return null;
      return row => (!row.isNull(at) && isElsewhere(row.value(at).toString('latin1')) ? DROPPED : 0);
    },
  };
}

export interface Sites {
  /** Every blog id of the source. */
  readonly all: ReadonlySet<number>;
  readonly travelling: ReadonlySet<number>;
}

type EditId = (id: number) => number;

function dropRows(table: TreatedTable, isDropped: (id: number) => boolean): RowAction | null {
  const at = findColumn(table, table.name, ABOUT_A_USER.get(table.name) ?? '');
  if (at === null) return null;
  return row => (!row.isNull(at) && isDropped(Number(row.value(at).toString('latin1'))) ? DROPPED : 0);
}

function editRowsAbout(table: TreatedTable, edit: EditId): RowAction | null {
  const at = findColumn(table, table.name, ABOUT_A_USER.get(table.name) ?? '');
  return at === null ? null : editIdAt(at, edit);
}

function editIds(table: TreatedTable, columns: readonly string[], edit: EditId): RowAction | null {
  const holdsId = compileNames([...USER_COLUMNS, ...columns]);
  return joinActions([
    ...table.columns.map((column, at) =>
      holdsId(`${table.name}.${column.name}`) && !column.isBinary ? editIdAt(at, edit) : null,
    ),
    editKeyed(table, ['postmeta'], USER_POSTMETA, value => editId(value, edit)),
    editKeyed(table, ['sitemeta'], USER_SITEMETA, value => editId(value, edit)),
  ]);
}

function editIdAt(at: number, edit: EditId): RowAction {
  return row => {
    if (row.isNull(at)) return 0;
    const value = row.value(at);
    const edited = editId(value, edit);
    if (edited === value) return 0;
    row.replace(at, edited);
    return 1;
  };
}

const DIGITS = /^[0-9]+$/;

/** The same object when it stays, also of what is no id. Zeros in front stay, as a ZEROFILL prints them. */
function editId(value: Buffer, edit: EditId): Buffer {
  const text = value.toString('latin1');
  if (!DIGITS.test(text)) return value;
  const id = Number(text);
  const edited = id === NOBODY ? id : edit(id);
  if (edited === id) return value;
  const isPadded = text.length > 1 && text.startsWith('0');
  return Buffer.from(isPadded ? String(edited).padStart(text.length, '0') : String(edited));
}
