<?php
// Checks a proof file as docs/event-format.md describes it, with nothing of ours: PHP's hashes, and libsodium.
function refuse(string $why): never { echo "refused: $why"; exit(0); }
function expects(bool $holds, string $why): void { if (!$holds) refuse($why); }
function value(string $text): string {
    $bytes = base64_decode($text, true);
    expects($bytes !== false && base64_encode($bytes) === $text, "not base64: $text");
    return $bytes;
}
function over(string ...$parts): string { return hash('sha256', implode('', $parts), true); }

/** Name, size and root of a checkpoint that one of the keys signed. */
function checkpoint(string $text, string $signatures, array $keys): array {
    [$name, $size, $root] = explode("\n", $text);
    $signed = false;
    foreach (explode("\n", $signatures) as $line) {
        [$dash, $signer, $bytes] = explode(' ', $line);
        foreach ($keys as $key) {
            $id = substr(over("$name\n\x01$key"), 0, 4);
            if ($dash === "\u{2014}" && $signer === $name && str_starts_with(value($bytes), $id)) {
                $good = sodium_crypto_sign_verify_detached(substr(value($bytes), 4), "$text\n", $key);
                expects($good, 'a signature is not good');
                $signed = true;
            }
        }
    }
    expects($signed, 'nobody signed');
    return [$name, (int) $size, value($root)];
}

// RFC 9162, section 2.1.3.2.
function root_from_leaf(string $hash, int $index, int $size, array $path): string {
    $last = $size - 1;
    foreach ($path as $other) {
        expects($last > 0, 'the path is too long');
        if ($index % 2 === 1 || $index === $last) {
            $hash = over("\x01", $other, $hash);
            for (; $index % 2 === 0 && $index > 0; $index >>= 1) $last >>= 1;
        } else {
            $hash = over("\x01", $hash, $other);
        }
        $index >>= 1;
        $last >>= 1;
    }
    expects($last === 0, 'the path is too short');
    return $hash;
}

// RFC 9162, section 2.1.4.2.
function roots_from_old(string $old_root, int $old, int $new, array $path): array {
    if ($old === $new) {
        expects($path === [], 'the path is too long');
        return [$old_root, $old_root];
    }
    if (($old & ($old - 1)) === 0) array_unshift($path, $old_root);
    [$index, $last] = [$old - 1, $new - 1];
    for (; $index % 2 === 1; $index >>= 1) $last >>= 1;
    $before = $after = array_shift($path) ?? refuse('the path is too short');
    foreach ($path as $other) {
        expects($last > 0, 'the path is too long');
        if ($index % 2 === 1 || $index === $last) {
            [$before, $after] = [over("\x01", $other, $before), over("\x01", $other, $after)];
            for (; $index % 2 === 0 && $index > 0; $index >>= 1) $last >>= 1;
        } else {
            $after = over("\x01", $after, $other);
        }
        $index >>= 1;
        $last >>= 1;
    }
    expects($last === 0, 'the path is too short');
    return [$before, $after];
}

$parts = explode("\n\n", rtrim(file_get_contents($argv[1]), "\n"));
$lines = explode("\n", $parts[0]);
$title = array_shift($lines);
$values = ['key' => [], 'leaf' => [], 'index' => [], 'path' => []];
foreach ($lines as $line) {
    $words = explode(' ', $line);
    $values[array_shift($words)][] = $words;
}
$keys = array_map(fn ($words) => value($words[0]), $values['key']);
$origin = 'choai/' . bin2hex(substr(over('choai origin 1 ', $keys[0]), 0, 16));
for ($at = 1; $at < count($keys); $at++) {
    $text = "choai signing key\n$origin\n" . ($at + 1) . "\n" . base64_encode($keys[$at]) . "\n";
    $good = sodium_crypto_sign_verify_detached(value($values['key'][$at][1]), $text, $keys[$at - 1]);
    expects($good, 'a key is not vouched for');
}
$path = array_map(fn ($words) => value($words[0]), $values['path']);
[$name, $size, $root] = checkpoint($parts[1], $parts[2], $keys);
expects($name === $origin, 'another ledger');
if ($title === 'choai event proof 1') {
    $index = (int) $values['index'][0][0];
    $leaf = over("\x00", value($values['leaf'][0][0]));
    expects(root_from_leaf($leaf, $index, $size, $path) === $root, 'not in the tree');
    echo "event $index of $size by ", count($keys), ' keys';
} else {
    [$new_name, $new_size, $new_root] = checkpoint($parts[3], $parts[4], $keys);
    expects($new_name === $origin, 'another ledger');
    expects(roots_from_old($root, $size, $new_size, $path) === [$root, $new_root], 'it was changed');
    echo "$size grew into $new_size by ", count($keys), ' keys';
}
