"""The same image without an engine's own loader: umoci and runc, and podman of an ordinary user."""

import contextlib
import json
import os
import pwd
import shutil
import subprocess

import fastcgi

MOUNTS = [
    {"destination": "/tmp", "type": "tmpfs", "source": "tmpfs", "options": ["noexec", "nosuid", "nodev"]},
    {"destination": "/var/lib/fpmbox", "type": "tmpfs", "source": "tmpfs", "options": ["noexec", "nosuid", "nodev"]},
]
CAPABILITIES = ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_KILL", "CAP_SETGID", "CAP_SETPCAP", "CAP_SETUID"]
USER = "fpmbox-img"


def run(*words, **options):
    return subprocess.run(words, capture_output=True, text=True, check=False, timeout=300, **options)


def bundle_of(bench, output):
    """An OCI layout with a short name, and the bundle that umoci makes of it."""
    layout, bundle = f"{bench.scratch}/layout", f"{bench.scratch}/bundle"
    copied = run("skopeo", "copy", f"oci-archive:{output}", f"oci:{layout}:latest")
    if copied.returncode:
        raise RuntimeError(copied.stderr)
    unpacked = run("umoci", "unpack", "--image", f"{layout}:latest", bundle)
    if unpacked.returncode:
        raise RuntimeError(unpacked.stderr)
    return bundle


def set_up(bundle, sockets, data):
    """What an operator writes: a read-only root, and the places that may be written."""
    path = f"{bundle}/config.json"
    with open(path, encoding="utf-8") as file:
        config = json.load(file)
    config["root"]["readonly"], config["process"]["terminal"], config["process"]["noNewPrivileges"] = True, False, True
    config["process"]["rlimits"] = []
    # umoci writes three that nobody needs; the launcher gives these up once it is the pool's user
    config["process"]["capabilities"] = {name: CAPABILITIES for name in ("bounding", "effective", "permitted")}
    config["mounts"] += [*MOUNTS, {"destination": "/run/fpmbox", "type": "bind", "source": sockets, "options": ["rbind", "rw"]},
                         {"destination": "/srv/www/data", "type": "bind", "source": data, "options": ["rbind", "rw"]}]
    with open(path, "w", encoding="utf-8") as file:
        json.dump(config, file)


def try_runc(bench, output, check_page, wait_for):
    sockets, data = f"{bench.scratch}/sockets-runc", f"{bench.scratch}/data-runc"
    for folder in (sockets, data):
        os.makedirs(folder)
    os.chown(data, 10000, 10000)
    bundle = bundle_of(bench, output)
    set_up(bundle, sockets, data)
    name = f"fpmbox-images-{os.getpid()}-runc"
    words = ["runc", "--root", f"{bench.scratch}/runc", "run", "--bundle", bundle, name]
    log = open(f"{bench.scratch}/runc.log", "wb+")
    with log, subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log) as container:
        try:
            socket = f"{sockets}/site/live.sock"
            wait_for(socket)
            if not os.path.exists(socket):
                log.seek(0)
                return [f"no socket: {log.read()[-2000:].decode(errors='replace')}"]
            mistakes = check_page(fastcgi.get(socket, "/srv/www/index.php").text)
            container.terminate()
            code = container.wait(90)
            return mistakes + ([] if code == 0 else [f"ended with {code}"])
        finally:
            run("runc", "--root", f"{bench.scratch}/runc", "delete", "--force", name)
            container.kill()


@contextlib.contextmanager
def ordinary_user():
    """Somebody with subordinate ids, who is gone afterwards."""
    made = run("useradd", "--create-home", "--shell", "/usr/sbin/nologin", USER)
    if made.returncode:
        raise RuntimeError(made.stderr)
    try:
        yield pwd.getpwnam(USER)
    finally:
        run("userdel", "--remove", USER)


def as_user(user, runtime, config, *words):
    environment = {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "HOME": user.pw_dir, "XDG_RUNTIME_DIR": runtime, "CONTAINERS_CONF": config}
    return run(*words, user=user.pw_uid, group=user.pw_gid, extra_groups=[], env=environment, cwd=user.pw_dir)


def try_rootless(bench, output, name, check_page, wait_for, engine_config):
    """podman run by somebody who is not root: the pool's user is one of his subordinate ids."""
    with ordinary_user() as user:
        runtime = f"{user.pw_dir}/run"
        sockets = f"{user.pw_dir}/sockets"
        for folder in (runtime, sockets):
            os.makedirs(folder, 0o755 if folder == sockets else 0o700)
            os.chown(folder, user.pw_uid, user.pw_gid)
        config = f"{user.pw_dir}/containers.conf"
        shutil.copy(engine_config, config)
        archive = shutil.copy(output, f"{user.pw_dir}/image.tar")
        os.chmod(archive, 0o644)
        podman = ("podman", "--storage-driver", "vfs")
        loaded = as_user(user, runtime, config, *podman, "load", "--input", archive)
        if loaded.returncode:
            return [f"load: {loaded.stderr}"]
        try:
            started = as_user(user, runtime, config, *podman, "run", "--detach", "--name", "rootless", "--network", "none", "--read-only", "--read-only-tmpfs=false",
                              "--tmpfs", "/tmp:noexec,nosuid,nodev", "--tmpfs", "/var/lib/fpmbox", "--volume", "/srv/www/data", "--security-opt", "no-new-privileges",
                              "--volume", f"{sockets}:/run/fpmbox", name)
            if started.returncode:
                return [f"run: {started.stderr}"]
            socket = f"{sockets}/site/live.sock"
            wait_for(socket)
            mistakes = check_page(fastcgi.get(socket, "/srv/www/index.php").text) if os.path.exists(socket) else ["no socket"]
            if mistakes:
                logs = as_user(user, runtime, config, *podman, "logs", "rootless")
                mistakes.append((logs.stdout + logs.stderr)[-2000:])
            return mistakes
        finally:
            as_user(user, runtime, config, *podman, "rm", "--force", "--time", "5", "rootless")
            as_user(user, runtime, config, *podman, "system", "reset", "--force")
            # the pause process of a rootless podman keeps its namespaces
            run("pkill", "-KILL", "-u", str(user.pw_uid))
