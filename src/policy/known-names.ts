// Names under which WordPress and widely used plugins keep what must not go to a lower environment. Data: to know one
// more plugin is one more word here. `*` stands for any text.

/** Settings of plugins that send mail, and of WordPress's own way to fetch it. */
export const MAIL_SETTINGS: readonly string[] = [
  ...['mailserver_url', 'mailserver_login', 'mailserver_pass', 'mailserver_port'],
  ...['wp_mail_smtp', 'wp_mail_smtp_*', 'swpsmtp_options', 'easy_wp_smtp', 'smtp_mailer_options'],
  ...['gmail_smtp_options', 'postman_options', 'postman_auth_token', 'fluentmail-settings', 'mailgun'],
  ...['postmark_settings', 'sendgrid_*', 'sparkpost*', 'wp_ses_options', 'wposes_*', 'sib_*_option'],
  ...['sib_access_token*', 'wpmandrill', 'mailjet_*', 'mailersend_*', 'smtp_host', 'smtp_user', 'smtp_pass'],
];

/** Letters that wait to be sent. */
export const MAIL_QUEUES: readonly string[] = [
  ...['mailpoet_sending_queues', 'mailpoet_scheduled_tasks', 'mailpoet_scheduled_task_subscribers'],
  ...['wysija_queue', 'fc_campaign_emails', 'mailster_queue'],
];

/** Settings that are secret as a whole. WordPress makes its own keys and salts anew. */
export const SECRET_SETTINGS: readonly string[] = [
  ...['auth_key', 'auth_salt', 'secure_auth_key', 'secure_auth_salt', 'logged_in_key', 'logged_in_salt'],
  ...['nonce_key', 'nonce_salt', 'secret', 'recovery_keys', 'adminhash', '*_adminhash'],
  ...['jetpack_options', 'jetpack_private_options', 'jetpack_secrets', 'jetpack_active_plan'],
  ...['googlesitekit_credentials', 'googlesitekit_*_token', 'wordpress_api_key', 'rg_gforms_key'],
  ...['wordfence_apikey', 'wfls_*secret*', 'mailserver_pass', 'updraft_s3', 'updraft_dropbox'],
];

/** Secrets of users: application passwords, second factors, reset keys. */
export const SECRET_USERMETA: readonly string[] = [
  ...['_application_passwords', '_two_factor_*', 'wp_2fa_*', 'googleauthenticator_*', 'itsec_two_factor*'],
  ...['_new_email', '*_oauth_token*', '*_access_token', '*_refresh_token'],
];

export const SECRET_TABLES: readonly string[] = [
  ...['woocommerce_api_keys', 'woocommerce_payment_tokens', 'woocommerce_payment_tokenmeta'],
  ...['wfls_2fa_secrets', 'oauth_access_tokens', 'oauth_refresh_tokens', 'oauth_clients'],
];

/** Settings of analytics plugins, blanked as a whole. */
export const ANALYTICS_SETTINGS: readonly string[] = [
  ...[
    'googlesitekit_analytics*_settings',
    'googlesitekit_tagmanager_settings',
    'monsterinsights_site_profile',
  ],
  ...['exactmetrics_site_profile', 'gadwp_options', 'gtm4wp-options', 'ga_dash_*', 'google_analytics_*'],
  ...[
    'facebook_config',
    'wc_facebook_pixel_id',
    'hotjar_site_id',
    'clarity_project_id',
    'matomo-*',
    'stats_options',
  ],
];

export const SESSION_ROWS: readonly string[] = [
  ...['usermeta.meta_key=session_tokens', 'usermeta.meta_key=_woocommerce_persistent_cart_*'],
  'options.option_name=_wp_session_*',
];
export const SESSION_TABLES: readonly string[] = ['woocommerce_sessions', 'sm_sessions'];

export const TRANSIENT_ROWS: readonly string[] = ['options.option_name', 'sitemeta.meta_key'].flatMap(
  column => [`${column}=_transient_*`, `${column}=_site_transient_*`],
);

/** Settings that hold addresses of people. */
export const ADDRESS_SETTINGS: readonly string[] = [
  ...['admin_email', 'new_admin_email', 'site_admins', 'woocommerce_email_from_address'],
  ...['woocommerce_stock_email_recipient', 'woocommerce_*_order_settings', 'recovery_mode_email*'],
];

const POSTAL = [
  'first_name',
  'last_name',
  'company',
  'address_1',
  'address_2',
  'city',
  'postcode',
  'phone',
  'email',
];

/** What usermeta says of a person. */
export const PERSON_USERMETA: readonly string[] = [
  ...['first_name', 'last_name', 'nickname', 'description', 'aim', 'yim', 'jabber', 'twitter', 'facebook'],
  ...[
    'linkedin',
    'instagram',
    'community-events-location',
    'billing_*',
    'shipping_*',
    'last_ip',
    '*_ip_address',
  ],
];

/** And postmeta of somebody who has ordered something. */
export const PERSON_POSTMETA: readonly string[] = [
  ...['_billing_', '_shipping_'].flatMap(kind => [...POSTAL, 'address_index'].map(name => kind + name)),
  ...[
    '_customer_ip_address',
    '_customer_user_agent',
    '_payer_name',
    '_payer_email',
    '_edd_payment_user_email',
  ],
];

/** Columns of plugins' tables, and of WordPress's rarer ones. */
export const PERSON_COLUMNS: readonly string[] = [
  ...[
    'signups.user_email',
    'signups.meta',
    'signups.activation_key',
    'registration_log.email',
    'registration_log.IP',
  ],
  ...POSTAL.map(name => `wc_order_addresses.${name}`),
  ...['wc_orders.billing_email', 'wc_orders.ip_address', 'wc_orders.user_agent'],
  ...['username', 'first_name', 'last_name', 'email', 'city', 'postcode'].map(
    name => `wc_customer_lookup.${name}`,
  ),
  ...['woocommerce_downloadable_product_permissions.user_email', 'wc_download_log.user_ip_address'],
  ...['gf_entry.ip', 'gf_entry.user_agent', 'gf_entry_meta.meta_value', 'gf_entry_notes.value'],
  ...['gf_draft_submissions.email', 'gf_draft_submissions.ip', 'gf_draft_submissions.submission'],
  ...['frm_items.ip', 'frm_item_metas.meta_value', 'wpforms_entries.fields', 'wpforms_entries.ip_address'],
  ...['wpforms_entries.user_agent', 'wpforms_entry_fields.value', 'fluentform_submissions.response'],
  ...['fluentform_submissions.ip', 'fluentform_entry_details.field_value', 'e_submissions.user_ip'],
  ...['e_submissions_values.value', 'cf7dbplugin_submits.field_value', 'db7_forms.form_value'],
  ...['mailpoet_subscribers.email', 'mailpoet_subscribers.first_name', 'mailpoet_subscribers.last_name'],
  ...[
    'mailpoet_subscribers.*_ip',
    'newsletter.email',
    'newsletter.name',
    'newsletter.surname',
    'newsletter.ip',
  ],
  ...['bp_xprofile_data.value', 'edd_customers.email', 'edd_customers.name'],
];

/** What usermeta says of a user on one site, without the prefix and blog id that WordPress puts in front of it. With a
 *  blog id any other name is one, too. */
export const PREFIXED_USERMETA: readonly string[] = [
  ...['capabilities', 'user_level', 'user-settings', 'user-settings-time', 'persisted_preferences'],
  ...['dashboard_quick_press_last_post_id', 'media_library_mode', 'autosave_draft_ids', 'user_roles'],
  ...['yoast_notifications', '_stripe_customer_id', '_stripe_source_id', 'googlesitekit_*'],
];

/** Columns that hold the id of a user, beside those of the users' own tables. */
export const USER_COLUMNS: readonly string[] = [
  ...['posts.post_author', 'comments.user_id', 'links.link_owner'],
  ...['wc_orders.customer_id', 'wc_customer_lookup.user_id', 'wc_download_log.user_id'],
  ...['woocommerce_downloadable_product_permissions.user_id', 'woocommerce_api_keys.user_id'],
  ...[
    'woocommerce_payment_tokens.user_id',
    'wc_webhooks.user_id',
    'gf_entry.created_by',
    'gf_entry_notes.user_id',
  ],
  ...[
    'frm_items.user_id',
    'frm_items.updated_by',
    'wpforms_entries.user_id',
    'fluentform_submissions.user_id',
  ],
  ...['e_submissions.user_id', 'edd_customers.user_id', 'mailpoet_subscribers.wp_user_id'],
  ...['bp_activity.user_id', 'bp_friends.initiator_user_id', 'bp_friends.friend_user_id'],
  ...['bp_groups.creator_id', 'bp_groups_members.user_id', 'bp_groups_members.inviter_id'],
  ...['bp_messages_messages.sender_id', 'bp_messages_recipients.user_id', 'bp_notifications.user_id'],
  'bp_xprofile_data.user_id',
];

/** And postmeta that does. */
export const USER_POSTMETA: readonly string[] = ['_edit_last', '_customer_user'];

/** And settings of a network: its founder. */
export const USER_SITEMETA: readonly string[] = ['admin_user_id'];
