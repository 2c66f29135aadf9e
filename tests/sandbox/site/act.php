<?php
// Runs the act that the request brings. Only the tests' own pools have this file.
require __DIR__ . '/prelude.php';

$T = json_decode($_SERVER['TARGETS'] ?? '{}', true);
$act = static fn (array $T) => eval(file_get_contents('php://input'));
try {
    $said = $act($T);
} catch (Refused $refused) {
    $said = $refused->getMessage();
} catch (Throwable $thrown) {
    $said = get_class($thrown) . ': ' . $thrown->getMessage();
}
header('Content-Type: text/plain');
echo is_string($said) ? $said : var_export($said, true);
