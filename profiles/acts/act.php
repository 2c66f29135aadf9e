<?php
// Runs the act that a request brings. Only trial boxes and their controls have this file, behind a socket of the harness
// alone. The body: {"code": "return ...;", "targets": {"tmp": "/tmp", ...}}.
error_reporting(0);
require __DIR__ . '/prelude.php';

(static function (): void {
    $order = json_decode((string) file_get_contents('php://input'), true);
    $act = static function (array $T) use ($order) { return eval($order['code']); };
    preg_match_all('/\\$T\\[\'(\w+)\'\\]/', $order['code'], $named);
    $missing = array_diff($named[1], array_keys($order['targets']));
    header('Content-Type: text/plain');
    if ($missing) {
        exit('there is no target $' . reset($missing));
    }
    try {
        $said = $act($order['targets']);
    } catch (Error $error) {
        $said = of_missing_function($error);
    } catch (Throwable $thrown) {
        $said = get_class($thrown) . ': ' . $thrown->getMessage();
    }
    echo is_string($said) ? $said : var_export($said, true);
})();
