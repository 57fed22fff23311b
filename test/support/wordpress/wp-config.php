<?php
// The wp-config.php of every WordPress that the tests run: bin/setup points there, the caller's settings come as JSON
// in WFUWP_WORDPRESS. Each environment has hosts, keys and a content folder of its own, as in real life.

$settings = json_decode(getenv('WFUWP_WORDPRESS'), true, 16, JSON_THROW_ON_ERROR);

define('DB_HOST', 'localhost:' . $settings['socketPath']);
define('DB_NAME', $settings['database']);
define('DB_USER', 'root');
define('DB_PASSWORD', '');
define('DB_CHARSET', 'utf8mb4');
define('DB_COLLATE', '');
$table_prefix = $settings['prefix'];

foreach (['AUTH', 'SECURE_AUTH', 'LOGGED_IN', 'NONCE'] as $name) {
    define("{$name}_KEY", "$name key of {$settings['domain']}");
    define("{$name}_SALT", "$name salt of {$settings['domain']}");
}

// Until WordPress has made itself a network there is none to define.
if ($settings['network']) {
    define('MULTISITE', true);
    define('SUBDOMAIN_INSTALL', $settings['subdomains']);
    define('DOMAIN_CURRENT_SITE', $settings['domain']);
    define('PATH_CURRENT_SITE', '/');
    define('SITE_ID_CURRENT_SITE', 1);
    define('BLOG_ID_CURRENT_SITE', 1);
    // A mapped domain lies outside of the network's, whose cookies a browser would refuse there.
    define('COOKIE_DOMAIN', '');
}

define('WP_CONTENT_DIR', $settings['contentDir']);
define('WP_DEFAULT_THEME', 'plain');
// Nothing may leave the machine, and nothing may happen that the test has not asked for.
define('WP_HTTP_BLOCK_EXTERNAL', true);
define('DISABLE_WP_CRON', true);
define('AUTOMATIC_UPDATER_DISABLED', true);
define('DISALLOW_FILE_MODS', true);

function wp_mail() { return true; }

// As behind a proxy that ends TLS.
$_SERVER['HTTPS'] = 'on';
if (PHP_SAPI === 'cli') {
    $_SERVER = ['PHP_SELF' => '/index.php', 'SCRIPT_NAME' => '/index.php', 'SCRIPT_FILENAME' => ABSPATH . 'index.php'] + $_SERVER;
    $_SERVER += ['HTTP_HOST' => $settings['domain'], 'SERVER_NAME' => $settings['domain'], 'REQUEST_METHOD' => 'GET'];
    $_SERVER += ['REQUEST_URI' => '/', 'SERVER_PROTOCOL' => 'HTTP/1.1', 'REMOTE_ADDR' => '127.0.0.1'];
}

require_once ABSPATH . 'wp-settings.php';
