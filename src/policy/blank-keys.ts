// H58, H59 Keys, tokens and passwords of plugins, and WordPress's own salts: in settings that are secret as a whole, and
// in any setting under a name that says so, however deep.

import { editTexts, type TextEditor } from './edit-texts.ts';
import { blank, editKeyed, joinActions, NOTHING, SETTINGS } from './keyed-tables.ts';
import { SECRET_SETTINGS, SECRET_USERMETA } from './known-names.ts';
import { findColumn, type RowAction, type RowRule, type TreatedTable } from './row-rule.ts';
import { isSecretName, mentionsSecret } from './secret-names.ts';

export const blankKeys: RowRule = {
  name: 'blank_keys',
  compile: table =>
    joinActions([
      editKeyed(table, SETTINGS, SECRET_SETTINGS, blank),
      editKeyed(table, SETTINGS, null, (value, name) => editTexts(value, name, BLANK_SECRETS)),
      editKeyed(table, ['usermeta'], SECRET_USERMETA, blank),
      blankColumn(table, 'wc_webhooks', 'secret'),
      blankColumn(table, 'users', 'user_activation_key'),
    ]),
};

const BLANK_SECRETS: TextEditor = {
  text: (text, name) => (text.length > 0 && isSecretName(name) ? NOTHING : text),
  broken: (value, name) => (isSecretName(name) || mentionsSecret(value) ? NOTHING : value),
};

function blankColumn(table: TreatedTable, name: string, column: string): RowAction | null {
  const at = findColumn(table, name, column);
  if (at === null) return null;
  return row => {
    if (row.isNull(at) || row.starts[at] === row.ends[at]) return 0;
    row.replace(at, NOTHING);
    return 1;
  };
}
