import { runPhp, type WordpressSettings } from './run-php.ts';

/** Rows by primary key (parts joined with `/`), by table without the prefix. */
export type NetworkRows = Readonly<Record<string, Record<string, Record<string, unknown>>>>;

/** Everything that a network holds as its PHP reads it, but for users, which have ways of their own. See
 *  read-rows.php. */
export function readRows(settings: WordpressSettings): Promise<NetworkRows> {
  return runPhp(settings, 'read-rows.php', { without: ['users', 'usermeta', 'signups', 'registration_log'] });
}
