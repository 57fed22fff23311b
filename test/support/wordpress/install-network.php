<?php
// Step 1 of a network: WordPress as it installs itself, then as it makes itself a network. Afterwards its wp-config.php
// must say MULTISITE, which a running WordPress can't learn: hence fill-network.php.

define('WP_INSTALLING', true);
$task = json_decode($argv[1], true, 16, JSON_THROW_ON_ERROR);
require getenv('WFUWP_WORDPRESS_CORE') . '/wp-load.php';
require ABSPATH . 'wp-admin/includes/upgrade.php';
require ABSPATH . 'wp-admin/includes/network.php';

wp_install($task['title'], $task['users'][0]['login'], $task['users'][0]['email'], true, '', wp_slash($task['password']));
foreach ($wpdb->tables('ms_global') as $table => $name) $wpdb->$table = $name;
install_network();
$made = populate_network(1, $task['domain'], $task['users'][0]['email'], $task['title'], '/', $task['subdomains']);
// It complains where wildcard DNS is missing, which is so here and doesn't matter.
if (is_wp_error($made) && $made->get_error_code() !== 'no_wildcard_dns') {
    fwrite(STDERR, implode("\n", $made->get_error_messages()) . "\n");
    exit(1);
}
