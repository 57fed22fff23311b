<?php
// Step 2 of a network: sites, a second network, users with their roles and what people put into sites, all through
// WordPress's own functions. Prints what a test wants to visit, as JSON.

$task = json_decode($argv[1], true, 16, JSON_THROW_ON_ERROR);
require getenv('WFUWP_WORDPRESS_CORE') . '/wp-load.php';
require ABSPATH . 'wp-admin/includes/upgrade.php';
require __DIR__ . '/must.php';
require __DIR__ . '/fill-site.php';

wp_set_current_user(1);

$admin = $task['users'][0];
if (isset($task['secondDomain'])) {
    $made = populate_network(2, $task['secondDomain'], $admin['email'], 'Medicine', '/', $task['subdomains']);
    if (is_wp_error($made) && $made->get_error_code() !== 'no_wildcard_dns') throw new Exception($made->get_error_message());
    update_network_option(2, 'plain_imprint', ['url' => "https://{$task['secondDomain']}/imprint", 'year' => 2026]);
}
update_network_option(1, 'plain_imprint', ['url' => "https://{$task['domain']}/imprint", 'year' => 2026]);

$userIds = [];
foreach ($task['users'] as $user) {
    $userIds[$user['login']] = username_exists($user['login']) ?: must(wp_insert_user([
        'user_login' => $user['login'], 'user_pass' => $task['password'], 'user_email' => $user['email'],
        'display_name' => $user['name'], 'user_url' => "https://{$task['domain']}/people/{$user['login']}",
    ]));
}

foreach ($task['sites'] as $site) {
    $blogId = $site['id'];
    if ($blogId > 1) {
        $made = must(wpmu_create_blog($site['domain'], $site['path'], $site['title'], 1, ['public' => 1], $site['networkId']));
        if ($made !== $blogId) throw new Exception("Site $made was to be site $blogId.");
    }
    foreach ($task['users'] as $user) {
        $role = $user['roles'][$blogId] ?? null;
        if ($role !== null) must(add_user_to_blog($blogId, $userIds[$user['login']], $role));
    }
}

$visits = [];
foreach ($task['sites'] as $site) {
    switch_to_blog($site['id']);
    update_option('permalink_structure', ($task['subdomains'] || $site['id'] > 1 ? '' : '/blog') . '/%postname%/');
    // As the settings page does; made anew by the next visit.
    delete_option('rewrite_rules');
    if ($task['content']) $visits[$site['id']] = fill_site($site, $task['domain'], $userIds);
    restore_current_blog();
    if ($site['status'] !== 'public') update_blog_status($site['id'], $site['status'], '1');
}
echo json_encode((object) $visits, JSON_UNESCAPED_SLASHES | JSON_THROW_ON_ERROR);
