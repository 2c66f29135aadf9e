#!/usr/bin/env python3
"""The story of run.py on a whole machine: Debian 12 with its own kernel in QEMU, which needs no virtualisation of the processor
and is slow. Its control groups are of version 2 alone, with every controller, and its systemd is nobody's guest.

  tests/machine/emulated.py --package fpmbox_1_amd64.deb --newer fpmbox_2_amd64.deb [--keep-console FILE]

The disk is made once and kept in /var/cache/fpmbox-tests; a run writes nothing to it.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile

import machine

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
SUITE = "bookworm"
PACKAGES = f"{machine.PACKAGES},linux-image-amd64,initramfs-tools,python3,udev,php{machine.SUITES[SUITE]}-fpm"
PATIENCE = 3600  # seconds for all of it
# What runs once the machine is up, and switches it off. Its words go to the serial line.
UNIT = """[Unit]
Description=tests
After=multi-user.target
[Service]
Type=oneshot
StandardOutput=tty
StandardError=tty
TTYPath=/dev/ttyS0
ExecStart=/bin/sh -c 'mkdir /opt/given && tar -x -C /opt/given -f /dev/vdb && cd /opt/given && python3 tests/machine/run.py --here --package old.deb --newer new.deb --suite %s'
ExecStopPost=/bin/systemctl --no-block poweroff
[Install]
WantedBy=graphical.target
""" % SUITE


def disk():
    """The folder with root.img, vmlinuz and initrd.img."""
    folder = f"{machine.CACHE}/{SUITE}-emulated"
    if os.path.isdir(folder):
        return folder
    os.makedirs(machine.CACHE, mode=0o755, exist_ok=True)
    new = tempfile.mkdtemp(prefix=f".{SUITE}-emulated-", dir=machine.CACHE)
    try:
        make_disk(new)
        os.rename(new, folder)
    finally:
        shutil.rmtree(new, ignore_errors=True)
    return folder


def make_disk(folder):
    tree = f"{folder}/tree"
    run("mmdebstrap", "--variant=minbase", f"--include={PACKAGES}", "--aptopt=APT::Install-Recommends \"false\"", SUITE, tree,
        f"deb {machine.MIRROR} {SUITE} main", f"deb {machine.MIRROR}-security {SUITE}-security main")
    with open(f"{tree}/etc/systemd/system/tests.service", "w") as file:
        file.write(UNIT)
    for verb, unit in (("enable", "tests.service"), ("disable", f"php{machine.SUITES[SUITE]}-fpm.service"), ("mask", "serial-getty@ttyS0.service")):
        run("systemctl", f"--root={tree}", verb, "--quiet", unit)
    os.chmod(tree, 0o755)
    for name, pattern in (("vmlinuz", "vmlinuz-"), ("initrd.img", "initrd.img-")):
        found = next(file for file in os.listdir(f"{tree}/boot") if file.startswith(pattern))
        shutil.copy(f"{tree}/boot/{found}", f"{folder}/{name}")
    run("mkfs.ext4", "-q", "-d", tree, f"{folder}/root.img", "3G")
    shutil.rmtree(tree)


def run(*command):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise machine.Broken(f"{command[0]}: " + " / ".join((done.stdout + done.stderr).splitlines()[-3:]))


def payload(given, file):
    """As a tar archive that is the machine's second disk."""
    with tarfile.open(file, "w") as archive:
        archive.add(given.package, "old.deb")
        archive.add(given.newer, "new.deb")
        for folder in ("tests/machine", "tests/sandbox", "scripts/lib"):
            archive.add(f"{ROOT}/{folder}", folder, filter=lambda one: None if "__pycache__" in one.name else one)


def boot(folder, second):
    return subprocess.Popen(
        ["timeout", str(PATIENCE), "qemu-system-x86_64", "-accel", "tcg", "-cpu", "max", "-smp", "2", "-m", "1536", "-nic", "none", "-display", "none",
         "-serial", "stdio", "-monitor", "none", "-no-reboot", "-kernel", f"{folder}/vmlinuz", "-initrd", f"{folder}/initrd.img",
         "-append", "root=/dev/vda rw console=ttyS0 quiet systemd.show_status=0 systemd.default_timeout_start_sec=600 systemd.unit=graphical.target",
         "-drive", f"file={folder}/root.img,if=virtio,format=raw,snapshot=on", "-drive", f"file={second},if=virtio,format=raw,readonly=on"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--package", required=True)
    parser.add_argument("--newer", required=True)
    parser.add_argument("--keep-console", help="all that the machine says, kept in a file")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fpmbox-emulated-") as scratch:
        payload(given, f"{scratch}/payload")
        process = boot(disk(), f"{scratch}/payload")
        console, last = [], None
        for line in process.stdout:
            line = line.rstrip()
            console.append(line)
            if re.match(r"(ok|not ok) \d+ - |  # ", line):
                print(line, flush=True)
            elif re.fullmatch(r"\d+ passed, \d+ failed, \d+ skipped", line):
                last = line
        process.wait()
    if given.keep_console:
        with open(given.keep_console, "w") as file:
            file.write("\n".join(console) + "\n")
    if last is None:
        print("not ok 1 - the emulated machine: it did not end with a count\n  # " + "\n  # ".join(console[-20:]))
        last = "0 passed, 1 failed, 0 skipped"
    print(last)
    return 0 if " 0 failed" in last else 1


sys.exit(main())
