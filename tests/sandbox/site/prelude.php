<?php
// The words that acts are written with. An act returns what happened to it: "ok", the name of an errno, "EPERM at dup2"
// when a step before the last one failed, "ran" when a program was started, "SIGSYS" when the kernel killed it.

const ERRNO = [
    1 => 'EPERM', 2 => 'ENOENT', 3 => 'ESRCH', 4 => 'EINTR', 5 => 'EIO', 6 => 'ENXIO', 7 => 'E2BIG', 8 => 'ENOEXEC',
    9 => 'EBADF', 10 => 'ECHILD', 11 => 'EAGAIN', 12 => 'ENOMEM', 13 => 'EACCES', 14 => 'EFAULT', 15 => 'ENOTBLK',
    16 => 'EBUSY', 17 => 'EEXIST', 18 => 'EXDEV', 19 => 'ENODEV', 20 => 'ENOTDIR', 21 => 'EISDIR', 22 => 'EINVAL',
    23 => 'ENFILE', 24 => 'EMFILE', 25 => 'ENOTTY', 26 => 'ETXTBSY', 27 => 'EFBIG', 28 => 'ENOSPC', 30 => 'EROFS',
    38 => 'ENOSYS', 40 => 'ELOOP', 92 => 'ENOPROTOOPT', 93 => 'EPROTONOSUPPORT', 94 => 'ESOCKTNOSUPPORT',
    95 => 'EOPNOTSUPP', 97 => 'EAFNOSUPPORT', 99 => 'EADDRNOTAVAIL', 101 => 'ENETUNREACH', 104 => 'ECONNRESET',
    110 => 'ETIMEDOUT', 111 => 'ECONNREFUSED', 113 => 'EHOSTUNREACH', 116 => 'ESTALE', 122 => 'EDQUOT',
];

// x86-64; a number may be given instead of a name.
const NUMBER = [
    'read' => 0, 'write' => 1, 'open' => 2, 'close' => 3, 'fstat' => 5, 'mmap' => 9, 'mprotect' => 10, 'ioctl' => 16,
    'shmget' => 29, 'dup2' => 33, 'pause' => 34, 'getpid' => 39, 'socket' => 41, 'connect' => 42, 'sendto' => 44,
    'clone' => 56, 'fork' => 57, 'execve' => 59, 'kill' => 62, 'fcntl' => 72, 'creat' => 85, 'chmod' => 90, 'fchmod' => 91, 'ptrace' => 101, 'setuid' => 105,
    'syslog' => 103, 'setgroups' => 116, 'setresuid' => 117, 'mknod' => 133, 'personality' => 135, 'statfs' => 137,
    'modify_ldt' => 154, 'pivot_root' => 155, 'prctl' => 157, 'setrlimit' => 160, 'chroot' => 161, 'acct' => 163,
    'settimeofday' => 164, 'mount' => 165, 'umount2' => 166, 'swapoff' => 168, 'reboot' => 169, 'sethostname' => 170,
    'iopl' => 172, 'ioperm' => 173, 'init_module' => 175, 'quotactl' => 179, 'mq_open' => 240, 'kexec_load' => 246,
    'add_key' => 248, 'request_key' => 249, 'keyctl' => 250, 'openat' => 257, 'fchmodat' => 268, 'unshare' => 272, 'splice' => 275,
    'vmsplice' => 278, 'move_pages' => 279, 'accept4' => 288, 'dup3' => 292, 'perf_event_open' => 298,
    'fanotify_init' => 300, 'prlimit64' => 302, 'name_to_handle_at' => 303, 'open_by_handle_at' => 304, 'setns' => 308,
    'process_vm_readv' => 310, 'process_vm_writev' => 311, 'kcmp' => 312, 'finit_module' => 313, 'seccomp' => 317,
    'memfd_create' => 319, 'bpf' => 321, 'execveat' => 322, 'userfaultfd' => 323, 'pidfd_send_signal' => 424,
    'io_uring_setup' => 425, 'io_uring_enter' => 426, 'io_uring_register' => 427, 'open_tree' => 428,
    'move_mount' => 429, 'fsopen' => 430, 'pidfd_open' => 434, 'clone3' => 435, 'openat2' => 437, 'pidfd_getfd' => 438,
    'process_madvise' => 440, 'mount_setattr' => 442, 'memfd_secret' => 447, 'fchmodat2' => 452,
];

const AT_EMPTY_PATH = 0x1000;
const RAN = 200;  // the exit code of the program that acts try to start

class Refused extends Exception {}

function libc(): FFI
{
    static $libc = null;
    return $libc ??= FFI::cdef('
        long syscall(long number, long a, long b, long c, long d, long e, long f);
        int *__errno_location(void);
        void _exit(int code);
        int waitpid(int pid, int *status, int options);
        int pipe2(int *pair, int flags);
        long read(int fd, void *buffer, size_t size);
        long write(int fd, const void *buffer, size_t size);
        long malloc(size_t size);
        int posix_spawn(int *pid, const char *path, void *actions, void *attributes, char **argv, char **envp);
        void *dlopen(const char *path, int flags);
        char *dlerror(void);
        typedef int (*code)(void);
    ');
}

// A system call: its result, or minus the errno.
function sys(string|int $call, int ...$arguments): int
{
    $arguments = array_pad($arguments, 6, 0);
    $result = libc()->syscall(is_int($call) ? $call : NUMBER[$call], ...$arguments);
    return $result === -1 ? -libc()->__errno_location()[0] : $result;
}

function word(int $result): string
{
    return $result >= 0 ? 'ok' : (ERRNO[-$result] ?? "errno " . -$result);
}

// A step that has to work before the act itself can be tried.
function must(string $call, int ...$arguments): int
{
    $result = sys($call, ...$arguments);
    if ($result < 0) {
        throw new Refused(word($result) . " at $call");
    }
    return $result;
}

// Addresses for arguments that are pointers. Never freed: the child that uses them exits.
function bytes(string $content): int
{
    $at = libc()->malloc(strlen($content) + 16);
    $memory = libc()->cast('char*', $at);
    FFI::memset($memory, 0, strlen($content) + 16);
    FFI::memcpy($memory, $content, strlen($content));
    return $at;
}

function text(string $content): int
{
    return bytes($content . "\0");
}

function pointers(string ...$texts): int
{
    return bytes(implode('', array_map(fn ($one) => pack('P', text($one)), $texts)) . pack('P', 0));
}

function peek(int $address, int $size): string
{
    return FFI::string(libc()->cast('char*', $address), $size);
}

// Runs a native act in a child, so that what it changes ends with it.
function native(callable $act): string
{
    $c = libc();
    $pair = $c->new('int[2]');
    $c->pipe2($pair, 02000000 | 04000);  // O_CLOEXEC | O_NONBLOCK
    $child = sys('fork');
    if ($child < 0) {
        return word($child) . ' at fork';
    }
    if ($child === 0) {
        try {
            $said = $act();
        } catch (Refused $refused) {
            $said = $refused->getMessage();
        } catch (Throwable $thrown) {
            $said = $thrown->getMessage();
        }
        $c->write($pair[1], $said, strlen($said));
        $c->_exit(0);
    }
    $status = $c->new('int');
    $c->waitpid($child, FFI::addr($status), 0);
    $buffer = $c->new('char[4096]');
    $size = $c->read($pair[0], $buffer, 4096);
    sys('close', $pair[0]);
    sys('close', $pair[1]);
    if ($size > 0) {
        return FFI::string($buffer, $size);
    }
    $signal = $status->cdata & 127;
    $code = ($status->cdata >> 8) & 255;
    $names = [4 => 'SIGILL', 7 => 'SIGBUS', 9 => 'SIGKILL', 11 => 'SIGSEGV', 31 => 'SIGSYS'];
    return $signal ? ($names[$signal] ?? "signal $signal") : ($code === RAN ? 'ran' : "exit $code");
}

function call(string|int $name, int ...$arguments): string
{
    return native(fn () => word(sys($name, ...$arguments)));
}

// What became of a PHP function that returns false and warns when it fails.
function said(callable $act): string
{
    static $messages = [
        'Operation not permitted' => 'EPERM', 'No such file or directory' => 'ENOENT', 'Permission denied' => 'EACCES',
        'Read-only file system' => 'EROFS', 'Cross-device link' => 'EXDEV', 'Invalid cross-device link' => 'EXDEV',
        'No space left on device' => 'ENOSPC', 'Function not implemented' => 'ENOSYS', 'Is a directory' => 'EISDIR',
        'No such device or address' => 'ENXIO', 'Connection refused' => 'ECONNREFUSED', 'File exists' => 'EEXIST',
        'Network is unreachable' => 'ENETUNREACH', 'Not a directory' => 'ENOTDIR', 'Too many open files' => 'EMFILE',
    ];
    error_clear_last();
    $result = @$act();
    if ($result !== false && $result !== null) {
        return 'ok';
    }
    $message = error_get_last()['message'] ?? 'false, without a message';
    foreach ($messages as $text => $name) {
        if (str_contains($message, $text)) {
            return $name;
        }
    }
    return $message;
}

// Connects a socket of the given family to a packed address.
function reach(int $family, int $type, string $address): string
{
    return native(function () use ($family, $type, $address) {
        $socket = must('socket', $family, $type, 0);
        return word(sys('connect', $socket, bytes($address), strlen($address)));
    });
}

function inet(string $host, int $port): string
{
    return pack('vn', 2, $port) . inet_pton($host) . str_repeat("\0", 8);
}

function unix(string $path): string
{
    return pack('v', 1) . $path . ($path[0] === "\0" ? '' : "\0");
}

// Flags of the mount that a path lies on: 1 read-only, 2 nosuid, 4 nodev, 8 noexec.
function mount_flags(string $path): int
{
    $buffer = bytes(str_repeat("\0", 128));
    must('statfs', text($path), $buffer);
    return unpack('P', peek($buffer + 80, 8))[1];
}
