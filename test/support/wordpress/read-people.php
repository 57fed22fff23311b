<?php
// Who is who on each site, by login and as WordPress answers it, so that ids don't matter. Prints {site: {"roles":
// {login: role}, "authors": {post: login}}} and, under "ids", everybody's.

$task = json_decode($argv[1], true, 16, JSON_THROW_ON_ERROR);
require getenv('WFUWP_WORDPRESS_CORE') . '/wp-load.php';

$sites = [];
foreach ($task['sites'] as $site) {
    switch_to_blog($site);
    $sites[$site] = ['roles' => [], 'authors' => []];
    foreach (get_users(['blog_id' => $site, 'orderby' => 'login']) as $user) {
        $sites[$site]['roles'][$user->user_login] = implode(' ', $user->roles);
    }
    foreach (get_posts(['numberposts' => -1, 'post_type' => 'any', 'post_status' => 'any', 'orderby' => 'ID']) as $post) {
        $sites[$site]['authors'][$post->ID] = get_userdata($post->post_author)->user_login ?? null;
    }
    restore_current_blog();
}
$ids = array_column(get_users(['blog_id' => 0]), 'ID', 'user_login');
echo json_encode(['ids' => (object) $ids, 'sites' => (object) $sites], JSON_UNESCAPED_SLASHES | JSON_THROW_ON_ERROR);
