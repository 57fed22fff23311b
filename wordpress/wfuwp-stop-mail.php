<?php
/**
 * Plugin Name: Stop mail (wfuwp)
 * Description: Keeps this WordPress, which is not production, from sending mail. Copy this file to
 *              wp-content/mu-plugins; what would have been sent is written to PHP's error log, without its text.
 *
 * The safety rule `stop_mail` blanks the settings of mail plugins; WordPress would then go on with PHP's mail(). This
 * answers for wp_mail() before any of them. A plugin that calls mail() or an API of its own is not held by it.
 */

defined( 'ABSPATH' ) || exit;

add_filter(
	'pre_wp_mail',
	static function ( $sent, $mail ) {
		error_log( sprintf( 'wfuwp-stop-mail: not sent: "%s"', $mail['subject'] ?? '' ) );
		return true; // As if it had been sent: a plugin that is told of a failure would try again.
	},
	PHP_INT_MAX,
	2
);
