<?php
// Every row of a network as PHP understands it: serialized values are unserialized, also within one another, by the
// unserialize() that WordPress uses. What it can't read is {"broken": …}. Prints {table without prefix: {key: row}}.

$task = json_decode($argv[1], true, 16, JSON_THROW_ON_ERROR);
require getenv('WFUWP_WORDPRESS_CORE') . '/wp-load.php';

$prefix = preg_quote($wpdb->base_prefix, '/');
$tables = [];
foreach ($wpdb->get_col('SHOW TABLES') as $table) {
    $name = preg_replace("/^$prefix/", '', $table, 1, $found);
    if ($found === 0 || str_starts_with($table, 'wfuwp_') || in_array($name, $task['without'], true)) continue;
    $keys = array_column($wpdb->get_results("SHOW KEYS FROM `$table` WHERE Key_name = 'PRIMARY'", ARRAY_A), 'Column_name');
    $rows = [];
    foreach ($wpdb->get_results("SELECT * FROM `$table`", ARRAY_A) as $row) {
        // Named for the table prefix, each environment's own.
        if (isset($row['option_name'])) $row['option_name'] = preg_replace("/^{$prefix}(?=(\\d+_)?user_roles$)/", '{prefix}', $row['option_name']);
        $rows[implode('/', array_map(fn($key) => $row[$key], $keys))] = array_map('expose', $row);
    }
    $tables[$name] = (object) $rows;
}
echo json_encode($tables, JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_THROW_ON_ERROR);

function expose($value) {
    if (is_string($value) && is_serialized($value)) {
        $read = @unserialize($value);
        return $read === false && $value !== 'b:0;' ? ['broken' => $value] : ['serialized' => expose($read)];
    }
    if (is_object($value)) return ['object' => get_class($value), 'properties' => expose((array) $value)];
    // A list of pairs: the order counts, and a key may hold a NUL.
    if (is_array($value)) return array_map(fn($key) => [$key, expose($value[$key])], array_keys($value));
    return $value;
}
