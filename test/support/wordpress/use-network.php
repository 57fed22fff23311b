<?php
// What goes on in a network the day after: somebody founds a site, somebody joins, somebody writes. Prints the new
// site's home.

$task = json_decode($argv[1], true, 16, JSON_THROW_ON_ERROR);
require getenv('WFUWP_WORDPRESS_CORE') . '/wp-load.php';
require __DIR__ . '/must.php';

wp_set_current_user(username_exists($task['admin']));
$userId = must(wp_insert_user(['user_login' => 'novice', 'user_pass' => $task['password'], 'user_email' => 'novice@mail.example.net']));
$network = get_network();
$blogId = must(is_subdomain_install()
    ? wpmu_create_blog("new.{$network->domain}", '/', 'New', $userId, ['public' => 1])
    : wpmu_create_blog($network->domain, '/new/', 'New', $userId, ['public' => 1]));
foreach ($task['sites'] as $site) {
    switch_to_blog($site);
    $before = (int) $wpdb->get_var("SELECT MAX(ID) FROM $wpdb->posts");
    $id = must(wp_insert_post(['post_title' => 'The day after', 'post_status' => 'publish', 'post_author' => $userId], true));
    if ($id <= $before) throw new Exception("Post $id of site $site came after post $before.");
    restore_current_blog();
}
echo json_encode(['id' => $blogId, 'home' => get_home_url($blogId, '/')], JSON_UNESCAPED_SLASHES);
