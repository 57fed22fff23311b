// Settings of the target's network that survive when the network comes from somewhere else: what belongs to this
// installation, and not to its content. Wrongly listed, a setting has to be made twice; wrongly missing, a licence, a
// key or a right of the source is in use at the target. Not listed is `siteurl`: it must say what `site.domain` says,
// and both come from the source, rewritten.

/** Keys of sitemeta; `*` stands for any text. */
export const PROTECTED_META: readonly string[] = [
  // WordPress's keys and salts, where wp-config.php has none.
  ...['auth_key', 'auth_salt', 'secure_auth_key', 'secure_auth_salt', 'logged_in_key', 'logged_in_salt'],
  ...['nonce_key', 'nonce_salt', 'secret_key', 'recovery_keys', 'adminhash'],
  // Who may do everything, by login, who has founded the network, by id, and who is told. The first two are ignored when
  // the users come from the source, too.
  ...['site_admins', 'admin_user_id'],
  ...['admin_email', 'new_admin_email'],
  // What is licensed to, or registered for, this installation.
  ...['*license*', '*licence*', '*_api_key', '*_apikey', '*_secret', '*_secret_key', '*_token'],
  ...['jetpack_*', 'wpmudev_*'],
  // How this installation sends mail, and where it is found.
  ...['*smtp*', 'mailserver_*', 'dm_ipaddress', 'dm_cname'],
];
