#!/usr/bin/env python3
"""Runs a program on an older kernel, so to speak: the named calls fail with an errno, in it and in all that it starts.

    tests/support/without_syscalls.py ENOSYS openat2,clone3 PROGRAM [ARGUMENT...]      (as root)

`user_namespace` is unshare(2) with CLONE_NEWUSER alone. As the seccomp filter of a container does. No listener and no no_new_privs, so that it stands in nobody's way.
"""

import ctypes
import errno
import os
import platform
import struct
import sys

# From 424 on the numbers are the same on every architecture.
NUMBERS = {"pidfd_send_signal": 424, "open_tree": 428, "move_mount": 429, "fsopen": 430, "fsconfig": 431, "fsmount": 432,
           "pidfd_open": 434, "clone3": 435, "close_range": 436, "openat2": 437, "faccessat2": 439, "mount_setattr": 442,
           "unshare": {"x86_64": 272, "aarch64": 97}.get(platform.machine(), -1),  # of those that are older
           "landlock_create_ruleset": 444, "landlock_add_rule": 445, "landlock_restrict_self": 446}

LOAD, EQUAL, ANY_BIT, RETURN = 0x20, 0x15, 0x45, 0x06  # BPF_LD|BPF_W|BPF_ABS, BPF_JMP|BPF_JEQ|BPF_K, BPF_JMP|BPF_JSET|BPF_K, BPF_RET|BPF_K
NUMBER, FIRST_ARGUMENT = 0, 16  # where seccomp_data has them, in a machine of little endian
CLONE_NEWUSER = 0x10000000
ALLOW, ERRNO = 0x7FFF0000, 0x00050000
PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 22, 2


def program(code, names):
    row = lambda kind, yes, no, value: struct.pack("=HBBI", kind, yes, no, value)
    refuse = row(RETURN, 0, 0, ERRNO | code)
    rows = []
    for name in names:
        rows.append(row(LOAD, 0, 0, NUMBER))
        if name == "user_namespace":
            rows += [row(EQUAL, 0, 3, NUMBERS["unshare"]), row(LOAD, 0, 0, FIRST_ARGUMENT), row(ANY_BIT, 0, 1, CLONE_NEWUSER), refuse]
        else:
            rows += [row(EQUAL, 0, 1, NUMBERS[name]), refuse]
    return b"".join(rows + [row(RETURN, 0, 0, ALLOW)])


def take_away(code, names):
    rows = ctypes.create_string_buffer(program(code, names))
    whole = struct.pack("@HP", (len(rows) - 1) // 8, ctypes.addressof(rows))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.create_string_buffer(whole), 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "the filter cannot be loaded: " + os.strerror(ctypes.get_errno()))


if __name__ == "__main__":
    take_away(getattr(errno, sys.argv[1]), sys.argv[2].split(","))
    os.execvp(sys.argv[3], sys.argv[3:])
