<?php
// The words that the acts of depth `php:` are written with. An act returns what became of it, as one word: "ok", the name of
// an errno, "disabled", or a word of its own. PHP 7.4 to 8.4, nothing but the core.

const MESSAGES = [
    'has been disabled' => 'disabled', 'open_basedir restriction' => 'open_basedir',
    'Operation not permitted' => 'EPERM', 'No such file or directory' => 'ENOENT', 'Permission denied' => 'EACCES',
    'Read-only file system' => 'EROFS', 'Cross-device link' => 'EXDEV', 'cross-device link' => 'EXDEV',
    'No space left on device' => 'ENOSPC', 'Function not implemented' => 'ENOSYS', 'Is a directory' => 'EISDIR',
    'Not a directory' => 'ENOTDIR', 'No such device or address' => 'ENXIO', 'No such device' => 'ENODEV',
    'Connection refused' => 'ECONNREFUSED', 'File exists' => 'EEXIST', 'Network is unreachable' => 'ENETUNREACH',
    'No route to host' => 'EHOSTUNREACH', 'Too many open files' => 'EMFILE', 'Input/output error' => 'EIO',
    'Address family not supported' => 'EAFNOSUPPORT', 'timed out' => 'ETIMEDOUT', 'Invalid argument' => 'EINVAL',
    'Unknown error' => 'no reason given', 'Protocol wrong type' => 'EPROTOTYPE', 'Text file busy' => 'ETXTBSY', 'No such process' => 'ESRCH',
];

function word(string $message): string
{
    foreach (MESSAGES as $text => $name) {
        if (strpos($message, $text) !== false) {
            return $name;
        }
    }
    return $message === '' ? 'no reason given' : $message;
}

// What became of a PHP function that says false or null and warns when it fails.
function said(callable $act): string
{
    error_clear_last();
    $result = @$act();
    if ($result !== false && $result !== null) {
        return 'ok';
    }
    return word(error_get_last()['message'] ?? '');
}

// A function that a pool may not call is not there at all since PHP 8.
function of_missing_function(Error $error): string
{
    if (!preg_match('/undefined function (\w+)/', $error->getMessage(), $match)) {
        return get_class($error) . ': ' . $error->getMessage();
    }
    $disabled = array_map('trim', explode(',', (string) ini_get('disable_functions')));
    return in_array($match[1], $disabled, true) ? 'disabled' : "no function $match[1]";
}

// A PHP file of the application, near the top of its code.
function page(array $T): string
{
    foreach (['/*.php', '/*/*.php', '/*/*/*.php'] as $pattern) {
        foreach (glob($T['code'] . $pattern) ?: [] as $file) {
            if (is_file($file) && !is_link($file)) {
                return $file;
            }
        }
    }
    throw new Exception('the code has no PHP file');
}

// Tries to make a file; it is gone afterwards.
function creates(string $path): string
{
    $said = said(function () use ($path) { return file_put_contents($path, 'x'); });
    @unlink($path);
    return $said;
}

// One of the paths is there, or none.
function any(string ...$patterns): string
{
    foreach ($patterns as $pattern) {
        if (glob($pattern)) {
            return 'ok';
        }
    }
    return 'nothing there';
}

function reads(string $path): string
{
    return said(function () use ($path) { return file_get_contents($path, false, null, 0, 64); });
}

function lists(string $path): string
{
    return said(function () use ($path) { return scandir($path); });
}

function opens(string $path, string $mode): string
{
    return said(function () use ($path, $mode) { return fopen($path, $mode); });
}

// A stream to "tcp://...", "udp://...", "unix://...".
function connects(string $address): string
{
    $stream = @stream_socket_client($address, $code, $message, 2);
    if ($stream) {
        return 'ok';
    }
    return word($message . ' ' . (error_get_last()['message'] ?? ''));
}

function status_field(string $name): string
{
    $status = @file_get_contents('/proc/self/status');
    if ($status === false) {
        exit('no /proc');  // no act can tell anything of it
    }
    return preg_match("/^$name:[ \t]*(.*)$/m", $status, $match) ? str_replace("\t", ' ', trim($match[1])) : 'no such field';
}

function parent_pid(): string
{
    return function_exists('posix_getppid') ? (string) posix_getppid() : status_field('PPid');
}

// ---- FastCGI, as whoever can connect to a pool's socket speaks it

function fastcgi_record(int $type, string $content): string
{
    return pack('CCnnCC', 1, $type, 1, strlen($content), 0, 0) . $content;
}

function fastcgi_length(string $text): string
{
    return strlen($text) < 128 ? chr(strlen($text)) : pack('N', strlen($text) | 0x80000000);
}

// The body that the pool behind `socket` answers for `script`, or the word of the failure behind "!".
function fastcgi_ask(string $socket, string $script, array $params = []): string
{
    $stream = @stream_socket_client("unix://$socket", $code, $message, 2);
    if (!$stream) {
        return '!' . word($message . ' ' . (error_get_last()['message'] ?? ''));
    }
    stream_set_timeout($stream, 3);
    $pairs = '';
    foreach ($params + ['SCRIPT_FILENAME' => $script, 'SCRIPT_NAME' => '/x.php', 'REQUEST_METHOD' => 'GET', 'REQUEST_URI' => '/x.php'] as $name => $value) {
        $pairs .= fastcgi_length($name) . fastcgi_length($value) . $name . $value;
    }
    fwrite($stream, fastcgi_record(1, pack('nCx5', 1, 0)) . fastcgi_record(4, $pairs) . fastcgi_record(4, '') . fastcgi_record(5, ''));
    for ($out = ''; strlen($header = (string) fread($stream, 8)) === 8;) {
        $of = unpack('Cversion/Ctype/nid/nsize/Cpadding', $header);
        $content = $of['size'] ? stream_get_contents($stream, $of['size']) : '';
        if ($of['padding']) {
            fread($stream, $of['padding']);
        }
        if ($of['type'] === 3) {
            break;
        }
        $out .= $of['type'] === 6 ? $content : '';
    }
    return trim((string) substr($out, (int) strpos($out, "\r\n\r\n")));
}
