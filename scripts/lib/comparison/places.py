"""Where the acts are run: this machine, and a Debian of its own that systemd has booted. Each gives the findings of one test of a
small pool, beside the confinements that can be had there; all that is made goes away.

    here = places.on_this_machine(fpmbox, ["bwrap", "podman"])
    there = places.in_a_machine(fpmbox, ["systemd"])
"""

import contextlib
import glob
import json
import os
import pathlib
import pwd
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent.parent
sys.path.append(str(ROOT / "tests/machine"))
import machine  # noqa: E402

USER, POOL, LAUNCHER = "fpmbox-compare", "compare", "fpmbox"
NEW_USER = ["useradd", "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin"]
PROFILE = """extends: php-fpm
identity: {{user: {user}}}
listen: {{group: nogroup}}
filesystem: {{code: {code}, writable: [data]}}
limits: {{memory.max: 512MiB, pids.max: 64, cpu.max: 200%}}
"""
PATIENCE = 600
SUITE = "bookworm"
# Nothing but the unit may stop an act there: nspawn's own filter and bounding set lie above the control, too.
OPEN = ("--system-call-filter=@known", "--capability=all")
PROGRAMS = {"bwrap": "bubblewrap", "podman": "podman", "dockerd": "docker.io", "systemd-nspawn": "systemd-container", "mmdebstrap": "mmdebstrap"}


class Broken(Exception):
    """The comparison could not be made."""


def check_programs():
    lacking = [package for program, package in PROGRAMS.items() if not shutil.which(program)]
    if lacking:
        raise Broken(f"{', '.join(lacking)} must be installed: scripts/setup compare")


def lay_out(folder, fpmbox):
    """The program with its catalog and its acts beside it, and a site, where nobody but root writes but in its data."""
    program = folder / "bin"
    program.mkdir()
    shutil.copy(fpmbox, program / "fpmbox")
    shutil.copytree(ROOT / "profiles/acts", program / "acts")
    shutil.copytree(ROOT / "profiles/catalog", program / "catalog")
    data = folder / "www/data"
    data.mkdir(parents=True)
    (folder / "www/index.php").write_text("<?php echo 'hello';\n")
    (folder / f"{POOL}.yaml").write_text(PROFILE.format(user=USER, code=folder / "www"))
    return data


def option_of(side):
    return ("--inside", side.removeprefix("in-")) if side.startswith("in-") else ("--against", side)


def words(folder, sides):
    return [str(folder / "bin/fpmbox"), "test", "--report", "json", *(word for side in sides for word in option_of(side)), str(folder / f"{POOL}.yaml")]


def findings_of(done):
    if done.returncode not in (0, 1):
        raise Broken(f"the test was not made (exit code {done.returncode}):\n{done.stderr}{done.stdout[-2000:]}")
    return json.loads(done.stdout)


@contextlib.contextmanager
def user():
    if any(known.pw_name == USER for known in pwd.getpwall()):
        raise Broken(f"there is a user {USER} already: remove it (userdel {USER})")
    subprocess.run([*NEW_USER, USER], check=True)
    try:
        yield
    finally:
        subprocess.run(["userdel", USER], check=True)


@contextlib.contextmanager
def docker(folder):
    """A daemon of its own, with its defaults; its bridge and its rules are in a network of its own, too."""
    address = f"unix://{folder}/sock"
    command = ["unshare", "--net", "dockerd", "--data-root", f"{folder}/data", "--exec-root", f"{folder}/exec", "--pidfile", f"{folder}/pid",
               "--host", address, "--cgroup-parent", f"/{USER}"]
    with open(folder / "log", "wb") as log:
        daemon = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        if not machine.until(lambda: daemon.poll() is not None or os.path.exists(f"{folder}/sock"), 30) or daemon.poll() is not None:
            raise Broken("dockerd does not start: " + (folder / "log").read_text()[-1000:])
        yield address
    finally:
        daemon.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            daemon.wait(30)
        daemon.kill()
        daemon.wait()
        for group in glob.glob(f"/sys/fs/cgroup/{USER}") + glob.glob(f"/sys/fs/cgroup/*/{USER}"):
            with contextlib.suppress(OSError):
                os.rmdir(group)


def on_this_machine(fpmbox, sides):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="fpmbox-compare-", dir="/var/lib"))
    with contextlib.ExitStack() as undo:
        undo.callback(shutil.rmtree, folder)
        folder.chmod(0o755)
        undo.enter_context(user())
        shutil.chown(lay_out(folder, fpmbox), USER, USER)
        (folder / "docker").mkdir()
        address = undo.enter_context(docker(folder / "docker"))
        return findings_of(subprocess.run(words(folder, sides), capture_output=True, text=True, timeout=PATIENCE, env={**os.environ, "DOCKER_HOST": address}))


def in_a_machine(fpmbox, sides):
    """By a service there, so that whatever holds for the units holds for the control."""
    with machine.Machine(SUITE, nspawn=OPEN) as there:
        folder = pathlib.Path("/var/lib/fpmbox-compare")
        outside = pathlib.Path(there.path(str(folder)))
        outside.mkdir()
        lay_out(outside, fpmbox)
        (outside / f"{POOL}.yaml").write_text(PROFILE.format(user=USER, code=folder / "www"))
        for command in ([*NEW_USER, USER], [*NEW_USER, LAUNCHER], ["chown", f"{USER}:{USER}", f"{folder}/www/data"]):
            if (done := there.run(*command)).returncode != 0:
                raise Broken(f"{' '.join(command)} in the machine: {done.stderr}")
        found = findings_of(there.run("systemd-run", "--quiet", "--wait", "--pipe", "--collect", "--property=Delegate=yes", *words(folder, sides), timeout=PATIENCE))
        release = there.run("sh", "-c", '. /etc/os-release; echo "$PRETTY_NAME"').stdout.strip()
        return found, f"{there.run('systemctl', '--version').stdout.split('(')[1].split(')')[0]} of {release}"
