import { describe, expect, it } from 'vitest';
import { readWpConfig } from '../../../src/config/read-wp-config.ts';

const SAMPLE = String.raw`<!-- define('DB_NAME', 'outside of PHP'); -->
<?php
/** define('DB_NAME', 'in a comment'); */
// define('DB_NAME', 'in another'); ?><?php
# define('DB_NAME', 'in a third');
$text = "define('DB_NAME', 'in a text')";
$more = <<<"END"
define('DB_NAME', 'in a heredoc');
END;
define( 'DB_NAME', 'wp_prod' );
defined('DB_USER') or \define("DB_USER", "o'\"brien\x21\u{e9}", false);
const DB_HOST = 'db1:3307';
define('DB_PASSWORD', 'never looked at');
$table_prefix  = 'wp_';
if ($table_prefix == 'other_') { exit; }
define('DOMAIN_CURRENT_SITE', 'it\'s \n');
`;

describe('readWpConfig', () => {
  it('takes literals in either quotes, and nothing from comments and texts', () => {
    expect(readWpConfig(SAMPLE)).toEqual({
      DB_NAME: 'wp_prod',
      DB_USER: 'o\'"brien!é',
      DB_HOST: 'db1:3307',
      DOMAIN_CURRENT_SITE: String.raw`it's \n`,
      $table_prefix: 'wp_',
    });
  });

  it.each([
    ['a call', "define('DB_NAME', getenv('DB_NAME'));"],
    ['a default of a call', "define('DB_NAME', getenv('DB_NAME') ?: 'wp');"],
    ['a variable', "define('DB_NAME', $name);"],
    ['a text with a variable', 'define("DB_NAME", "wp_$stage");'],
    ['a text with an expression', 'define("DB_NAME", "wp_{$stage}");'],
    ['parts', "define('DB_NAME', 'wp_' . 'prod');"],
    ['two values', "if ($x) define('DB_NAME', 'a'); else define('DB_NAME', 'b');"],
    ['a file that is cut off', "define('DB_NAME', 'wp"],
  ])('does not take %s for a literal', (_, line) => {
    expect(readWpConfig(`<?php\n${line}`)).toEqual({ DB_NAME: null });
  });

  it('is not misled by what looks like an assignment', () => {
    expect(readWpConfig("<?php $table_prefix = $x ?? 'wp_'; $other = 'a';")).toEqual({ $table_prefix: null });
    expect(readWpConfig('no PHP at all')).toEqual({});
  });

  it('takes an escaped dollar sign for one', () => {
    expect(readWpConfig(String.raw`<?php define("DB_NAME", "a\$b");`)).toEqual({ DB_NAME: 'a$b' });
  });
});
