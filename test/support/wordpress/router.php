<?php
// What .htaccess does for a network in folders and subdomains, for `php -S`: /site2/wp-admin/ is /wp-admin/, and what
// is no program is WordPress's to find. WordPress expects to be started in the global scope: no function here.

$path = rawurldecode(parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH) ?: '/');
$script = preg_replace('#^/(?!wp-(content|admin|includes)/)[_0-9a-zA-Z-]+(?=/(wp-(content|admin|includes)|[^/]+\.php$))#', '', $path);
if (str_ends_with($script, '/')) $script .= 'index.php';
$core = $_SERVER['DOCUMENT_ROOT'];
if (!str_ends_with($script, '.php') || !is_file($core . $script)) $script = '/index.php';

$_SERVER['SCRIPT_NAME'] = $_SERVER['PHP_SELF'] = $script;
$_SERVER['SCRIPT_FILENAME'] = $core . $script;
chdir(dirname($core . $script));
require $core . $script;
