// What is not copied unless the configuration says otherwise: only what comes back by itself, or speaks of the source
// alone. Wrongly listed, something is missing on the target; wrongly missing, a copy takes longer. Search indexes are
// not listed: most plugins rebuild theirs only when somebody asks them to.

/** Tables of which only the structure is copied. */
export const SKIP_DATA: readonly string[] = [
  // Logs of what has happened at the source: actions, visits that were refused, changes, mail.
  ...['actionscheduler_logs', 'woocommerce_log', 'mailpoet_log', 'relevanssi_log'],
  ...['redirection_logs', 'redirection_404', '404_to_301', 'wpforms_logs'],
  ...['simple_history', 'simple_history_contexts', 'aryo_activity_log'],
  ...['wsal_occurrences', 'wsal_metadata', 'itsec_logs', 'itsec_temp', 'cerber_log', 'cerber_traffic'],
  ...['aiowps_audit_log', 'aiowps_events', 'aiowps_failed_logins', 'aiowps_login_activity', 'loginizer_logs'],
  ...['wfhits', 'wflogins', 'wfstatus', 'wftrafficrates', 'wfcrawlers', 'wfnotifications'],
  ...['email_log', 'wpmailsmtp_emails_log', 'wpmailsmtp_debug_events', 'post_smtp_logs', 'wpml_mails'],
  // Sessions.
  ...['woocommerce_sessions', 'wc_rate_limits'],
  // Caches and their queues.
  ...['wpr_rocket_cache', 'wpr_rucss_used_css', 'wpr_above_the_fold', 'litespeed_url', 'litespeed_url_file'],
  'w3tc_cdn_queue',
];

/** Rows that are not copied. */
export const SKIP_ROWS: readonly string[] = [
  ...['options.option_name=_transient_*', 'options.option_name=_site_transient_*'],
  ...['sitemeta.meta_key=_transient_*', 'sitemeta.meta_key=_site_transient_*'],
  ...[
    'usermeta.meta_key=session_tokens',
    'options.option_name=_wp_session_*',
    'postmeta.meta_key=_edit_lock',
  ],
  // What Action Scheduler has done; what it is still to do travels.
  ...['complete', 'failed', 'canceled'].map(status => `actionscheduler_actions.status=${status}`),
];
