"""Real engines, as far as a machine has them: podman as root, podman as an ordinary user, Docker's daemon, umoci with runc.

Each has load(archive) -> image, start(image, options, environment) -> container, and a way to its logs, its end and its PID.
"""

import contextlib
import json
import os
import pwd
import shutil
import signal
import subprocess
import time

import podman_conf

ENTRYPOINT = '["/fpmbox","run","/etc/fpmbox/pool.yaml"]'


def run(*command, timeout=300, **options):
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=timeout, **options)


class Engine:
    """What podman's and Docker's command lines have in common."""

    name = "?"
    command = ()
    environment = None

    def __init__(self, scratch):
        self.scratch, self.containers, self.count = scratch, [], 0

    def __call__(self, *arguments, **options):
        return run(*self.command, *arguments, env=self.environment, **options)

    def load(self, archive, name="php"):
        image = f"localhost/fpmbox-engines:{name}"
        made = self("import", "--change", f"ENTRYPOINT {ENTRYPOINT}", archive, image, timeout=300)
        if made.returncode:
            raise RuntimeError(made.stderr)
        return image

    def id_outside(self, number, mode):
        """What a number in the container is on the host."""
        return number + (100000 if "--uidmap" in mode.options else 0)

    def start(self, image, *options, arguments=()):
        self.count += 1
        name = f"fpmbox-engines-{os.getpid()}-{self.name}-{self.count}"
        self.containers.append(name)
        started = self("run", "--detach", "--name", name, *options, image, *arguments)
        if started.returncode and "Error" in started.stderr:
            raise RuntimeError(started.stderr)
        return name

    def pid(self, container):
        return int(self("inspect", "--format", "{{.State.Pid}}", container).stdout.strip() or 0)

    def logs(self, container):
        got = self("logs", container)
        return got.stdout + got.stderr

    def has_ended(self, container):
        return self("inspect", "--format", "{{.State.Running}}", container).stdout.strip() != "true"

    def exit_code(self, container, seconds=90):
        deadline = time.monotonic() + seconds
        while not self.has_ended(container) and time.monotonic() < deadline:
            time.sleep(0.1)
        return int(self("inspect", "--format", "{{.State.ExitCode}}", container).stdout.strip() or -1)

    def stop(self, container):
        self("stop", "--time", "60", container)
        return self.exit_code(container)

    def health(self, container):
        return self("exec", container, "/fpmbox", "health")

    def close(self):
        for name in self.containers:
            self("rm", "--force", name)


class Podman(Engine):
    name = "podman"
    own = ("--network", "none")

    def __init__(self, scratch):
        super().__init__(scratch)
        config = f"{scratch}/containers.conf"
        with open(config, "w", encoding="utf-8") as file:
            file.write(podman_conf.TEXT)
        self.environment = {**os.environ, "CONTAINERS_CONF": config}
        self.command = ("podman", "--root", f"{scratch}/podman/root", "--runroot", f"{scratch}/podman/run")

    @staticmethod
    def lacks():
        return [name for name in ("podman", "runc") if not shutil.which(name)]

    def close(self):
        super().close()
        self("system", "reset", "--force")
        for path in ("root/overlay", "root"):
            run("umount", "-l", f"{self.scratch}/podman/{path}")


class RootlessPodman(Podman):
    """podman of an ordinary user, who is made here and taken away again."""

    name = "rootless"
    user = "fpmbox-e-podman"

    def __init__(self, scratch):
        super().__init__(scratch)
        home = f"{scratch}/rootless"
        run("userdel", self.user)
        made = run("useradd", "--create-home", "--home-dir", home, self.user)
        if made.returncode:
            raise RuntimeError(made.stderr)
        os.makedirs(f"{home}/run", mode=0o700)
        shutil.chown(f"{home}/run", self.user, self.user)
        inside = {"XDG_RUNTIME_DIR": f"{home}/run", "HOME": home, "CONTAINERS_CONF": f"{scratch}/containers.conf"}
        self.environment = None
        self.command = ("runuser", "-u", self.user, "--", "env", "--chdir", home, *(f"{key}={value}" for key, value in inside.items()), "podman", "--root",
                        f"{home}/podman/root", "--runroot", f"{home}/podman/run", "--storage-driver", "vfs")
        with open("/etc/subuid", encoding="utf-8") as file:
            self.first = next(int(line.split(":")[1]) for line in file if line.startswith(self.user + ":"))

    @staticmethod
    def lacks():
        return [name for name in ("podman", "runc", "newuidmap") if not shutil.which(name)]

    def id_outside(self, number, mode):
        return pwd.getpwnam(self.user).pw_uid if number == 0 else self.first + number - 1

    def close(self):
        Engine.close(self)
        self("system", "reset", "--force")
        for pid in run("pgrep", "-u", self.user).stdout.split():  # podman's pause process
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
        time.sleep(0.5)
        run("userdel", "--remove", self.user)


class Docker(Engine):
    """A daemon of our own, that touches no network of the host."""

    name = "docker"
    own = ("--network", "none")

    def __init__(self, scratch):
        super().__init__(scratch)
        folder = f"{scratch}/docker"
        os.makedirs(folder)
        self.log = open(f"{folder}/log", "w", encoding="utf-8")  # pylint: disable=consider-using-with
        socket = f"{folder}/sock"
        self.daemon = subprocess.Popen(["dockerd", "--data-root", f"{folder}/data", "--exec-root", f"{folder}/exec", "--pidfile", f"{folder}/pid", "-H",
                                        f"unix://{socket}", "--iptables=false", "--ip6tables=false", "--bridge=none", "--storage-driver", "overlay2"],
                                       stdout=self.log, stderr=self.log)
        self.command = (self.client(), "-H", f"unix://{socket}")
        deadline = time.monotonic() + 120
        while self("version", timeout=60).returncode and time.monotonic() < deadline:
            time.sleep(0.3)

    # Another "docker" may come first in PATH, that is no client.
    @staticmethod
    def client():
        return shutil.which("docker", path=os.path.dirname(shutil.which("dockerd") or "") + ":/usr/bin") or "docker"

    @staticmethod
    def lacks():
        return [] if shutil.which("dockerd") else ["dockerd"]

    def close(self):
        super().close()
        self.daemon.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.daemon.wait(60)
        self.log.close()


class Runc(Engine):
    """`umoci unpack` and `runc run`: no engine at all. Options are those of podman that stand for a line of config.json."""

    name = "runc"
    own = ()

    @staticmethod
    def lacks():
        return [name for name in ("umoci", "runc", "skopeo") if not shutil.which(name)]

    def __init__(self, scratch):
        super().__init__(scratch)
        self.root, self.started = f"{scratch}/runc", {}
        os.makedirs(self.root)
        self.command = ("runc", "--root", f"{self.root}/state")

    def load(self, archive):
        layout = f"{self.root}/layout"
        for command in (["umoci", "init", "--layout", layout], ["umoci", "new", "--image", f"{layout}:1"],
                        ["umoci", "insert", "--image", f"{layout}:1", archive.removesuffix(".tar"), "/"],
                        ["umoci", "config", "--image", f"{layout}:1", "--config.entrypoint", "/fpmbox", "--config.entrypoint", "run", "--config.entrypoint",
                         "/etc/fpmbox/pool.yaml"]):
            made = run(*command, timeout=300)
            if made.returncode:
                raise RuntimeError(made.stderr)
        return f"{layout}:1"

    def start(self, image, *options, arguments=()):
        self.count += 1
        name = f"fpmbox-engines-{os.getpid()}-runc-{self.count}"
        bundle = f"{self.root}/{name}"
        unpacked = run("umoci", "unpack", "--image", image, bundle, timeout=300)
        if unpacked.returncode:
            raise RuntimeError(unpacked.stderr)
        with open(f"{bundle}/config.json", encoding="utf-8") as file:
            config = json.load(file)
        config["process"]["rlimits"] = []
        config["process"]["terminal"] = False
        words = list(options)
        while words:
            word = words.pop(0)
            if word == "--volume":
                source, target = words.pop(0).split(":")[:2]
                config["mounts"].append({"destination": target, "type": "bind", "source": source, "options": ["rbind", "rw"]})
            elif word == "--env":
                config["process"]["env"].append(words.pop(0))
            elif word == "--user":
                uid, gid = map(int, words.pop(0).split(":"))
                config["process"]["user"] = {"uid": uid, "gid": gid}
                config["process"]["capabilities"] = {}
        with open(f"{bundle}/config.json", "w", encoding="utf-8") as file:
            json.dump(config, file)
        log = open(f"{bundle}/log", "w", encoding="utf-8")  # pylint: disable=consider-using-with
        process = subprocess.Popen([*self.command, "run", "-b", bundle, name], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.started[name] = (process, f"{bundle}/log")
        self.containers.append(name)
        return name

    def pid(self, container):
        state = self("state", container)
        return json.loads(state.stdout)["pid"] if state.returncode == 0 else 0

    def logs(self, container):
        with open(self.started[container][1], encoding="utf-8") as file:
            return file.read()

    def has_ended(self, container):
        return self.started[container][0].poll() is not None

    def exit_code(self, container, seconds=90):
        return self.started[container][0].wait(seconds)

    def stop(self, container):
        self("kill", container, "TERM")
        return self.exit_code(container)

    def close(self):
        for name in self.containers:
            self("delete", "--force", name)


ENGINES = {"podman": Podman, "rootless": RootlessPodman, "docker": Docker, "runc": Runc}
