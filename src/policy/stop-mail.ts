import { blank, editKeyed, SETTINGS } from './keyed-tables.ts';
import { MAIL_SETTINGS } from './known-names.ts';
import type { RowRule } from './row-rule.ts';

/** H55 Plugins forget how to send mail. WordPress itself could still: wordpress/wfuwp-stop-mail.php, in the target's
 *  wp-content/mu-plugins, keeps it from that. */
export const stopMail: RowRule = {
  name: 'stop_mail',
  compile: table => editKeyed(table, SETTINGS, MAIL_SETTINGS, blank),
};
