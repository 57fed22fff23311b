<?php

/** What WordPress answers, unless that is an error. */
function must($result) {
    if (is_wp_error($result)) throw new Exception($result->get_error_code() . ': ' . $result->get_error_message());
    return $result;
}
