"""A MariaDB of the tests' own: data and socket in the scratch directory, no network."""

import contextlib
import shutil
import socket
import subprocess

from fixture import PATIENCE, Broken, folder, until, write


class MariaDb:
    def __init__(self, world, databases):
        """`databases`: name to password; the account has the database's name."""
        self.base = folder(f"{world.scratch}/mariadb", 0o755)
        self.data, self.run = folder(f"{self.base}/data", 0o700, "mysql"), folder(f"{self.base}/run", 0o755, "mysql")
        self.socket, self.log = f"{self.run}/mysqld.sock", f"{self.base}/log"
        statements = [line for name, password in databases.items() for line in (  # the server wants a line for each
            f"CREATE DATABASE IF NOT EXISTS {name};\n",
            f"CREATE USER IF NOT EXISTS {name}@localhost IDENTIFIED BY '{password}';\n", f"GRANT ALL ON {name}.* TO {name}@localhost;\n")]
        self.init_file = write(f"{self.base}/init.sql", "".join(statements), 0o640, "mysql")
        self.process = None
        world.at_end.callback(self.stop)

    def install(self):
        program = shutil.which("mariadb-install-db")
        if not program:
            raise Broken("mariadb-install-db is not there: scripts/setup test")
        run = subprocess.run([program, "--no-defaults", f"--datadir={self.data}", "--user=mysql", "--skip-test-db",
                              "--skip-name-resolve", "--auth-root-authentication-method=socket"],
                             capture_output=True, text=True, stdin=subprocess.DEVNULL)
        if run.returncode:
            raise Broken(f"mariadb-install-db: {run.stdout[-400:]} {run.stderr[-400:]}")
        return self

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                ["mariadbd", "--no-defaults", f"--datadir={self.data}", f"--socket={self.socket}", "--skip-networking",
                 "--user=mysql", f"--init-file={self.init_file}", f"--pid-file={self.base}/data/pid",
                 "--innodb-buffer-pool-size=32M", "--innodb-flush-log-at-trx-commit=0"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        if not until(lambda: self.process.poll() is not None or self.listens(), PATIENCE) or self.process.poll() is not None:
            with open(self.log) as log:
                raise Broken("mariadbd did not start: " + log.read()[-600:])
        return self

    def listens(self):
        """Its socket has a name a moment before."""
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(self.socket) == 0

    def stop(self):
        if self.process is None:
            return
        self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(PATIENCE)
        self.process.kill()
        self.process.wait()
        self.process = None
