<?php
// The reference for the property test: reads lines of JSON {"before": base64, "after": base64}, both serialized,
// and prints one line for each: "ok", or what is wrong. Rewrites in PHP's own way: unserialize, walk, serialize.

const HOST = '/(?<![A-Za-z0-9.\-@])prod\.example\.edu(?!\.*[A-Za-z0-9\-])/i';

/** The engine knows no class; PHP needs one to reach private properties. */
class SiteCfg
{
    public mixed $url = null;
    protected mixed $cdn = null;
    private mixed $secret = null;

    public function rewriteAll(): void
    {
        rewrite($this->url);
        rewrite($this->cdn);
        rewrite($this->secret);
    }
}

function rewriteString(string $text): string
{
    // Serialized text is what unserialize() reads and serialize() writes back to the byte.
    if (preg_match('/^[aOs]:\d+:/', $text)) {
        $value = @unserialize($text);
        if ($value !== false && serialize($value) === $text) {
            rewrite($value);
            return serialize($value);
        }
    }
    return preg_replace(HOST, 'stg.example.edu', $text);
}

/** In place, so that references stay references. */
function rewrite(mixed &$value): void
{
    if (is_string($value)) {
        $value = rewriteString($value);
    } elseif (is_array($value)) {
        $result = [];
        foreach (array_keys($value) as $key) {
            rewrite($value[$key]);
            $new = is_string($key) ? rewriteString($key) : $key;
            $isTaken = $new !== $key && (array_key_exists($new, $value) || array_key_exists($new, $result));
            $result[$isTaken ? $key : $new] = &$value[$key];
        }
        $value = $result;
    } elseif ($value instanceof SiteCfg) {
        $value->rewriteAll();
    } elseif ($value instanceof stdClass) {
        foreach (array_keys((array) $value) as $key) {
            rewrite($value->$key);
        }
    }
}

while (($line = fgets(STDIN)) !== false) {
    $case = json_decode($line, true);
    $before = unserialize(base64_decode($case['before']));
    $after = @unserialize(base64_decode($case['after']));
    if ($after === false && base64_decode($case['after']) !== 'b:0;') {
        echo "not readable\n";
        continue;
    }
    rewrite($before);
    $expected = serialize($before);
    $actual = serialize($after);
    echo $expected === $actual ? "ok\n" : json_encode(['expected' => $expected, 'actual' => $actual], JSON_INVALID_UTF8_SUBSTITUTE) . "\n";
}
